import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// A plan's files as a unified diff that `patch -p1` and `git apply` take.
///
/// It contains no secret: the context ends before a line of named.conf that has one, and a change of such a line is
/// left out with a note. The rest still applies.
enum UnifiedDiff {
  private static let context = 3

  /// The diff of all files of a plan, each with three lines of context.
  static func text(of plan: Plan) -> [UInt8] {
    plan.files.flatMap { diff(of: $0) }
  }

  static func diff(of file: PlannedFile) -> [UInt8] {
    let old = Lines(file.before?.bytes ?? [])
    let secrets = secretLines(of: old, in: file)
    let (changes, hidden) = parted(lineChanges(of: file), secrets, file)
    var text: [UInt8] = []
    for change in hidden {
      // Before the names of the file, where programs pass over what they do not know.
      text += Array("# \(quoted(file.path.bytes)): \(note(on: change.old))\n".utf8)
    }
    guard !changes.isEmpty else { return text }
    let name = file.path.bytes.drop { $0 == UInt8(ascii: "/") }
    let source = file.before == nil ? "/dev/null" : quoted(Array("a/".utf8) + name)
    text += Array("--- \(source)\n".utf8)
    let destination = file.contents == nil ? "/dev/null" : quoted(Array("b/".utf8) + name)
    text += Array("+++ \(destination)\n".utf8)
    var shift = 0
    for group in grouped(changes, apartAt: secrets) {
      let changed = (group.first?.old.lowerBound ?? 0)..<(group.last?.old.upperBound ?? 0)
      let shown = surroundings(of: changed, count: old.count, secrets)
      let grown = group.reduce(0) { $0 + $1.new.count - $1.old.count }
      text += Array(
        "@@ -\(span(shown.lowerBound, shown.count)) +\(span(shown.lowerBound + shift, shown.count + grown)) @@\n"
          .utf8)
      var line = shown.lowerBound
      for change in group {
        for index in line..<change.old.lowerBound { append(" ", old[index], to: &text) }
        for index in change.old { append("-", old[index], to: &text) }
        for new in change.new { append("+", new, to: &text) }
        line = change.old.upperBound
      }
      for index in line..<shown.upperBound { append(" ", old[index], to: &text) }
      shift += grown
    }
    return text
  }

  /// The lines of a hunk: those that change, with their context.
  private static func surroundings(
    of changed: Range<Int>, count: Int, _ secrets: Set<Int>
  ) -> Range<Int> {
    var start = changed.lowerBound
    while start > max(0, changed.lowerBound - context), !secrets.contains(start - 1) { start -= 1 }
    var end = changed.upperBound
    while end < min(count, changed.upperBound + context), !secrets.contains(end) { end += 1 }
    var (before, after) = (changed.lowerBound - start, end - changed.upperBound)
    // Where one side of the context is shorter, GNU patch takes the hunk for one at that end of the file. git does so
    // where nothing follows, which cannot be helped if the secret is the next line.
    if secrets.contains(start - 1), before < after { after = max(before, 1) }
    if secrets.contains(end), after < before { before = after }
    return (changed.lowerBound - before)..<(changed.upperBound + after)
  }

  // MARK: Secrets

  private static func secretLines(of lines: Lines, in file: PlannedFile) -> Set<Int> {
    // A zone has none: a name there may well be `secret`.
    guard file.kind == .configuration else { return [] }
    return SecretRanges.find(in: lines.text).reduce(into: []) { found, range in
      found.formUnion(lines.index(of: range.lowerBound)...lines.index(of: range.upperBound - 1))
    }
  }

  /// The changes that can be shown, and those of lines with secrets.
  private static func parted(
    _ changes: [Change], _ secrets: Set<Int>, _ file: PlannedFile
  ) -> (shown: [Change], hidden: [Change]) {
    let newSecrets = secretLines(of: Lines(file.contents?.bytes ?? []), in: file)
    guard !secrets.isEmpty || !newSecrets.isEmpty else { return (changes, []) }
    var (shown, hidden): ([Change], [Change]) = ([], [])
    var shift = 0
    for change in changes {
      let start = change.old.lowerBound + shift
      let isSecret =
        !secrets.isDisjoint(with: change.old)
        || !newSecrets.isDisjoint(with: start..<(start + change.new.count))
      if isSecret { hidden.append(change) } else { shown.append(change) }
      shift += change.new.count - change.old.count
    }
    return (shown, hidden)
  }

  private static func note(on lines: Range<Int>) -> String {
    lines.count > 1
      ? "lines \(lines.lowerBound + 1) to \(lines.upperBound) change too, and are not shown: they hold a secret"
      : "line \(lines.lowerBound + 1) changes too, and is not shown: it holds a secret"
  }

  // MARK: Changes

  /// Some lines of the old file and what stands in their place.
  private struct Change {
    var old: Range<Int>
    var new: [ArraySlice<UInt8>]
  }

  /// The changed lines, found from the edits: only the lines that an edit touches are compared, so
  /// that the cost does not grow with the file.
  private static func lineChanges(of file: PlannedFile) -> [Change] {
    guard let contents = file.contents else {
      let old = Lines(file.before?.bytes ?? [])
      return old.count == 0 ? [] : [Change(old: 0..<old.count, new: [])]
    }
    guard let before = file.before else {
      let new = Lines(contents.bytes)
      return new.count == 0 ? [] : [Change(old: 0..<0, new: (0..<new.count).map { new[$0] })]
    }
    let old = Lines(before.bytes)
    var regions: [(lines: Range<Int>, edits: [TextEdit])] = []
    for edit in file.edits.inOrder {
      // Whole lines, up to the one behind the edit: an edit may take a line feed away and so join
      // two lines.
      let first = old.index(of: edit.range.lowerBound)
      let last = old.index(of: edit.range.upperBound)
      let end = min(max(last + 1, first), old.count)
      if let region = regions.last, region.lines.upperBound >= first {
        regions[regions.count - 1].lines =
          region.lines.lowerBound..<max(region.lines.upperBound, end)
        regions[regions.count - 1].edits.append(edit)
      } else {
        regions.append((min(first, end)..<end, [edit]))
      }
    }
    return regions.flatMap { region -> [Change] in
      let bytes = old.bytes(of: region.lines)
      var new: [UInt8] = []
      var done = bytes.lowerBound
      for edit in region.edits {
        new += before.bytes[done..<edit.range.lowerBound]
        new += edit.replacement
        done = max(done, edit.range.upperBound)
      }
      if done < bytes.upperBound { new += before.bytes[done..<bytes.upperBound] }
      return minimal(region.lines, old, Lines(new))
    }
  }

  /// The lines of a region that really differ.
  private static func minimal(_ range: Range<Int>, _ old: Lines, _ new: Lines) -> [Change] {
    var before = ArraySlice(range.map { old[$0] })
    var after = ArraySlice((0..<new.count).map { new[$0] })
    var start = range.lowerBound
    while let one = before.first, one == after.first {
      before.removeFirst()
      after.removeFirst()
      start += 1
    }
    while let one = before.last, one == after.last {
      before.removeLast()
      after.removeLast()
    }
    // Lines that are only removed or only added need no comparison, and the shortest edit between two long texts takes
    // time proportional to the product of their lengths.
    let isPlain = before.isEmpty || after.isEmpty
    guard !isPlain, before.count + after.count <= longestCompared else {
      let lines = start..<start + before.count
      return lines.isEmpty && after.isEmpty ? [] : [Change(old: lines, new: Array(after))]
    }
    return compared(Array(before), from: start, Array(after))
  }

  /// How many lines, old and new, are compared for the shortest way between them.
  private static let longestCompared = 2000

  private static func compared(
    _ before: [ArraySlice<UInt8>], from first: Int, _ after: [ArraySlice<UInt8>]
  ) -> [Change] {
    let difference = after.difference(from: before)
    let removed = Set(
      difference.removals.compactMap {
        if case .remove(let offset, _, _) = $0 { offset } else { nil }
      })
    let inserted = Set(
      difference.insertions.compactMap {
        if case .insert(let offset, _, _) = $0 { offset } else { nil }
      })
    var changes: [Change] = []
    var (one, other) = (0, 0)
    while one < before.count || other < after.count {
      let start = one
      var lines: [ArraySlice<UInt8>] = []
      while removed.contains(one) || inserted.contains(other) {
        if removed.contains(one) {
          one += 1
        } else {
          lines.append(after[other])
          other += 1
        }
      }
      if one > start || !lines.isEmpty {
        changes.append(
          Change(old: (first + start)..<(first + one), new: lines))
      }
      if one < before.count || other < after.count {
        one += 1
        other += 1
      }
    }
    return changes
  }

  /// Changes whose context would touch go into one hunk, unless a secret stands between them.
  private static func grouped(_ changes: [Change], apartAt secrets: Set<Int>) -> [[Change]] {
    var groups: [[Change]] = []
    for change in changes {
      if let last = groups.last?.last,
        change.old.lowerBound - last.old.upperBound <= 2 * context,
        secrets.isDisjoint(with: last.old.upperBound..<change.old.lowerBound)
      {
        groups[groups.count - 1].append(change)
      } else {
        groups.append([change])
      }
    }
    return groups
  }

  /// `start,count`, lines counted from 1; of an empty range the line before it (POSIX diff).
  private static func span(_ start: Int, _ count: Int) -> String {
    "\(count == 0 ? start : start + 1),\(count)"
  }

  private static func append(_ sign: String, _ line: ArraySlice<UInt8>, to text: inout [UInt8]) {
    text += Array(sign.utf8) + line
    if line.last != UInt8(ascii: "\n") { text += Array("\n\\ No newline at end of file\n".utf8) }
  }

  /// GNU patch and git end a name at a tab, and take names with other odd bytes in C's quotes.
  private static func quoted(_ bytes: [UInt8]) -> String {
    let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    if isPlain {
      let name = String(decoding: bytes, as: UTF8.self)
      return name.contains(" ") ? name + "\t" : name
    }
    let escaped = bytes.map { byte -> String in
      switch byte {
      case 0x22: "\\\""
      case 0x5c: "\\\\"
      case 0x20..<0x7f: String(UnicodeScalar(byte))
      default:
        "\\" + String(byte >> 6) + String(byte >> 3 & 7) + String(byte & 7)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

/// A text by lines, each with its line feed if it has one.
private struct Lines {
  let text: [UInt8]
  private let starts: [Int]

  init(_ text: [UInt8]) {
    self.text = text
    var starts = text.isEmpty ? [] : [0]
    for index in text.indices where text[index] == UInt8(ascii: "\n") && index + 1 < text.count {
      starts.append(index + 1)
    }
    self.starts = starts
  }

  var count: Int { starts.count }

  subscript(_ index: Int) -> ArraySlice<UInt8> { text[bytes(of: index..<(index + 1))] }

  /// The line in which a byte stands; behind a final line feed it is the one that comes next.
  func index(of offset: Int) -> Int {
    if offset >= text.count { return text.last == UInt8(ascii: "\n") ? count : max(0, count - 1) }
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  func bytes(of lines: Range<Int>) -> Range<Int> {
    let start = lines.lowerBound < count ? starts[lines.lowerBound] : text.count
    let end = lines.upperBound < count ? starts[lines.upperBound] : text.count
    return start..<max(start, end)
  }
}
