public import DNSNames

/// How many different owner names a question found, and the first ones of them.
public struct OwnerNames: Hashable, Sendable {
  /// How many there are, each counted once; of those that `$GENERATE` lines make, the first thousands are.
  public internal(set) var count = 0
  /// The first ones in the order of the file, as many as were asked for.
  public internal(set) var first: [DomainName] = []
  /// Where each of these is met first: the record, or the `$GENERATE` line.
  public internal(set) var offsets: [Int] = []
}
