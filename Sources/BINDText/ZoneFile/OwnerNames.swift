public import DNSNames

/// How many different owner names a question found, and the first ones of them.
public struct OwnerNames: Hashable, Sendable {
  /// How many there are, each counted once; a `$GENERATE` line counts as its template.
  public internal(set) var count = 0
  /// The first ones in the order of the file, as many as were asked for.
  public internal(set) var first: [DomainName] = []
}
