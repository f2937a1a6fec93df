/// A page, taken apart as strictly as XHTML: all that is opened is closed, in its order, and nothing stands there unescaped.
struct Markup {
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  struct Element: Hashable {
    var name: String
    var attributes: [String: String]
  }

  /// In the order in which they begin.
  private(set) var elements: [Element] = []
  private(set) var text = ""

  private static let void: Set = ["meta", "link", "br", "img", "input", "hr"]
  private static let entities: Set = ["amp", "lt", "gt", "quot", "#39"]

  init(_ page: String) throws(Fault) {
    let start = "<!DOCTYPE html>\n"
    guard page.hasPrefix(start) else { throw Fault(description: "no document type") }
    var rest = page.dropFirst(start.count)
    var open: [String] = []
    while let next = rest.first {
      if next != "<" {
        let run = rest.prefix { $0 != "<" }
        rest = rest.dropFirst(run.count)
        text += open.last == "style" ? "" : try Self.plain(run)
        continue
      }
      guard let end = rest.firstIndex(of: ">") else { throw Fault(description: "a tag's end") }
      let tag = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else {
          throw Fault(description: "<\(tag)> closes what is not open: \(open)")
        }
        continue
      }
      let isClosed = tag.hasSuffix("/")
      let element = try Self.element(isClosed ? tag.dropLast() : tag)
      elements.append(element)
      if !isClosed, !Self.void.contains(element.name) { open.append(element.name) }
    }
    guard open.isEmpty else { throw Fault(description: "not closed: \(open)") }
  }

  private static func element(_ tag: Substring) throws(Fault) -> Element {
    let name = tag.prefix { $0.isLowercase || $0.isNumber }
    var element = Element(name: String(name), attributes: [:])
    var rest = tag.dropFirst(name.count)
    guard !name.isEmpty else { throw Fault(description: "<\(tag)>") }
    while let first = rest.first {
      guard first == " " else { throw Fault(description: "<\(tag)>: \(rest)") }
      rest = rest.dropFirst()
      let key = rest.prefix { $0.isLetter || $0 == "-" || $0.isNumber }
      rest = rest.dropFirst(key.count)
      guard !key.isEmpty, rest.hasPrefix("=\""), let end = rest.dropFirst(2).firstIndex(of: "\"")
      else { throw Fault(description: "<\(tag)>: \(rest)") }
      let value = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
      guard element.attributes.updateValue(try plain(value), forKey: String(key)) == nil else {
        throw Fault(description: "<\(tag)> has \(key) twice")
      }
      rest = rest[rest.index(after: end)...]
    }
    return element
  }

  /// A text without its entities.
  private static func plain(_ text: Substring) throws(Fault) -> String {
    var parts = text.split(separator: "&", omittingEmptySubsequences: false)
    var plain = String(parts.removeFirst())
    guard !text.contains(">") else { throw Fault(description: "> in \(text)") }
    for part in parts {
      let name = part.prefix { $0 != ";" }
      guard entities.contains(String(name)), part.count > name.count else {
        throw Fault(description: "& in \(text)")
      }
      plain +=
        [
          "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'",
        ][String(name)] ?? ""
      plain += part.dropFirst(name.count + 1)
    }
    return plain
  }

  func all(_ name: String, class style: String? = nil) -> [Element] {
    elements.filter { $0.name == name && (style == nil || $0.attributes["class"] == style) }
  }
}
