import DCOS
import FileChange
import ReconcileModel
import SystemPackage

extension RetainedZones {
  private static let title =
    "# Clusters that aliases have left, and until when resolvers may still lead there: ID, seconds since 1970."

  /// Nil where there is no file that can be read as a whole.
  static func read(in directory: StateDirectory) -> RetainedZones? {
    guard let lines = StateFile.lines(of: directory.retained, title: title) else { return nil }
    var zones = RetainedZones()
    for line in lines {
      let fields = line.split(separator: " ")
      guard fields.count == 2, let id = try? ClusterID(fields[0]), let time = Int64(fields[1])
      else { return nil }
      zones.until[id] = time
    }
    return zones
  }

  func write(in directory: StateDirectory) throws(FileChangeError) {
    let lines = until.map { "\($0.key) \($0.value)" }.sorted()
    try StateFile.write(StateFile.text(lines, title: Self.title), to: directory.retained)
  }
}
