extension String {
  /// A message of one of BIND's tools without what it quotes of the file that it reads, from the first quote to the
  /// last: beside a key, a typing slip gets the key quoted.
  package var withoutQuotation: String {
    guard let first = firstIndex(of: "'"), let last = lastIndex(of: "'"), first < last else {
      return self
    }
    return self[...first] + "…" + self[last...]
  }
}
