import FileChange
import FoundationEssentials
package import ReconcileModel
import SystemPackage

extension ChangeHistory {
  /// The changes that are kept, the last one first, for somebody who chooses among them.
  ///
  /// - Throws: ``PassError`` where one cannot be read: if it were left out, an older change would be taken for the last.
  package func list() throws(PassError) -> [HistoryEntry] {
    do throws(FileChangeError) {
      _ = try folder().names()
    } catch  where error.isNotFound {
      return []
    } catch {
      throw PassError(
        error.cause, remedy: "Run this as root, or as the user of zonebridge's service")
    }
    var entries: [HistoryEntry] = []
    for name in numbers.compactMap(Self.name(of:)) { entries.append(try readEntry(name)) }
    return entries
  }

  private func readEntry(_ name: FilePath.Component) throws(PassError) -> HistoryEntry {
    let path = directory.appending(name)
    let bytes: [UInt8]
    do throws(FileChangeError) {
      bytes = try folder().read(name).bytes
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
