package import BINDText

extension [TextEdit] {
  package var inOrder: [TextEdit] {
    enumerated().sorted { one, other in
      (one.element.range.lowerBound, one.offset) < (other.element.range.lowerBound, other.offset)
    }.map(\.element)
  }
}
