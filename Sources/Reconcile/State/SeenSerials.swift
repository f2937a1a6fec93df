package import DNSNames
package import FileChange
package import ReconcileModel

/// Serials that were seen published without a pass of ours having published them.
package enum SeenSerials {
  /// Remembers serials for the next change of their zones; the caller must hold the lock.
  ///
  /// - Parameters:
  ///   - serials: those that were seen, by zone.
  ///   - directory: where it is remembered.
  /// - Returns: whether the next change goes above them. Before the first pass there is nothing to remember them in.
  /// - Throws: why it cannot be written.
  package static func note(
    _ serials: [ZoneInView: SerialNumber], in directory: StateDirectory
  ) throws(FileChangeError) -> Bool {
    guard var memory = NameMemory.read(in: directory) else { return false }
    let before = memory
    memory.serials.merge(serials) { $1.isNewer(than: $0) ? $1 : $0 }
    if memory != before { try memory.write(in: directory) }
    return true
  }
}
