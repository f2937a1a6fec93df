/// The known words among which a mistyped one is looked for.
struct NearestWord {
  var known: [String]

  /// The word that was probably meant; nil where none is near.
  func suggestion(for word: String) -> String? {
    let word = word.lowercased()
    let typed = Array(word.unicodeScalars)
    let nearest =
      known
      .map { (word: $0, distance: Self.distance(typed, Array($0.unicodeScalars))) }
      .min { $0.distance < $1.distance }
    // A third of the letters: `masterz` is a slip, `foo` for `rndc` is not.
    if let nearest, nearest.distance <= max(1, nearest.word.count / 3),
      nearest.distance < nearest.word.count
    {
      return nearest.word
    }
    // `ca-cert` is the beginning of `ca-certificate`; two letters begin too much.
    let longer = known.filter { word.count > 2 && $0.hasPrefix(word) }
    return longer.count == 1 ? longer[0] : nil
  }

  /// The edit distance, where two neighbours that changed places count as one edit.
  private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, scalar) in one.enumerated() {
      var current = [row + 1]
      for (column, otherScalar) in other.enumerated() {
        var best = min(
          last[column] + (scalar == otherScalar ? 0 : 1), last[column + 1] + 1,
          current[column] + 1)
        if row > 0, column > 0, scalar == other[column - 1], one[row - 1] == otherScalar {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[other.count]
  }
}
