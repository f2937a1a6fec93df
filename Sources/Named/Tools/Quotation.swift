extension String {
  /// A message of one of BIND's tools without what it quotes of the file that it reads, from the first quote
  /// to the last: where there is a key, a slip of the pen has it quoted.
  package var withoutQuotation: String {
    guard let first = firstIndex(of: "'"), let last = lastIndex(of: "'"), first < last else {
      return self
    }
    return self[...first] + "…" + self[last...]
  }
}
