public import DNSNames

/// The number of different owner names found, and the first of them.
public struct OwnerNames: Hashable, Sendable {
  /// The number of names, each counted once.
  ///
  /// Of the names that `$GENERATE` lines make, only the first thousands are checked for duplicates.
  public internal(set) var count = 0
  /// The first names in file order, up to the requested number.
  public internal(set) var first: [DomainName] = []
  /// The offset of the record or `$GENERATE` line where each of these first appears.
  public internal(set) var offsets: [Int] = []
}
