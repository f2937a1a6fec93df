import SystemPackage
import TestSupport

/// A page of the documentation: its code blocks, its headings, and where it links to.
struct GuidePage {
  let name: String
  private let lines: [String]

  init(_ path: FilePath) throws {
    name = path.lastComponent?.string ?? ""
    lines = String(decoding: try readFile(path), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// A fenced block, or a comment `<!-- test` that nobody sees, with what the example takes for granted.
  struct Block {
    /// `docs/guide.md:17`, where the block begins.
    let place: String
    /// The first word of the fence; `test` for a comment.
    let language: String
    /// The other words: `norun`, `file=PATH`, `host=NAME`, `status=NUMBER`.
    let words: [String: String]
    let lines: [String]

    var text: String { lines.map { "\($0)\n" }.joined() }
  }

  var blocks: [Block] {
    var blocks: [Block] = []
    var start: (line: Int, end: String, words: [Substring])?
    for (index, line) in lines.enumerated() {
      if let (first, end, words) = start {
        guard line == end else { continue }
        let pairs = words.dropFirst().map { word in
          let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
          return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        blocks.append(
          Block(
            place: "docs/\(name):\(first + 1)", language: words.first.map(String.init) ?? "",
            words: Dictionary(pairs) { $1 }, lines: Array(lines[(first + 1)..<index])))
        start = nil
      } else if line.hasPrefix("```") {
        start = (index, "```", line.dropFirst(3).split(separator: " "))
      } else if line == "<!-- test" {
        start = (index, "-->", ["test"])
      }
    }
    return blocks
  }

  /// The lines outside of blocks.
  private var prose: [String] {
    var isInside = false
    return lines.filter { line in
      if line.hasPrefix("```") { isInside.toggle() }
      return !isInside
    }
  }

  /// The anchors of the headings, as GitHub makes them.
  var anchors: Set<String> {
    Set(
      prose.filter { $0.hasPrefix("#") }.map { line in
        let title = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
        return title.filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
          .replacing(" ", with: "-")
      })
  }

  /// What is linked to, other than whole URLs.
  var links: [String] {
    prose.joined(separator: "\n").matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
      .filter { !$0.contains("://") }
  }

  /// What stands in backquotes in the first column of tables with a heading.
  func quotes(inTablesOf heading: String) -> [String] {
    var isInside = false
    var quotes: [String] = []
    for line in prose {
      if line.hasPrefix("| \(heading) |") { isInside = true }
      if !line.hasPrefix("|") { isInside = false }
      guard isInside, let cell = line.dropFirst(2).firstRange(of: " |") else { continue }
      quotes += line[..<cell.lowerBound].matches(of: /`([^`]+)`/).map { String($0.output.1) }
    }
    return quotes
  }
}
