import FileChange
import FoundationEssentials
package import ReconcileModel
import SystemPackage

extension ChangeHistory {
  /// The changes that are kept, the last one first, for somebody who chooses among them.
  ///
  /// - Throws: ``PassError`` where one cannot be read: if it were left out, an older change would be taken for the last.
  package func list() throws(PassError) -> [HistoryEntry] {
    do {
      try FileDescriptor.open(directory, .readOnly, options: .directory).close()
    } catch let code as Errno where code == .noSuchFileOrDirectory {
      return []
    } catch {
      throw PassError(
        "\(directory): \(error)", remedy: "Run this as root, or as the user of zonebridge's service"
      )
    }
    var entries: [HistoryEntry] = []
    for number in numbers { entries.append(try readEntry(at: path(of: number))) }
    return entries
  }

  private func readEntry(at path: FilePath) throws(PassError) -> HistoryEntry {
    let bytes: [UInt8]
    do throws(FileChangeError) {
      bytes = try FileSnapshot.read(path).bytes
    } catch {
      throw PassError("the history cannot be read", error)
    }
    do {
      return try JSONDecoder().decode(HistoryEntry.self, from: Data(bytes))
    } catch {
      throw PassError(
        "\(path): the file is damaged",
        remedy:
          "Move it away to do without this change; the older ones can still be reverted by their IDs"
      )
    }
  }
}
