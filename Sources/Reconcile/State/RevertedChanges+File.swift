import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

extension RevertedChanges {
  private static let title =
    "# Changes that zonebridge has put back and does not make again at once; see zonebridge run --accept."

  private static func path(in stateDirectory: FilePath) -> FilePath {
    StateDirectory(stateDirectory).revertedChanges
  }

  /// None where there is no file; what is damaged of it is left out.
  static func read(in stateDirectory: FilePath) -> RevertedChanges {
    var revertedChanges = RevertedChanges()
    for line in StateFile.lines(of: path(in: stateDirectory), title: title) ?? [] {
      if let revertedChange = RevertedChange(line) {
        revertedChanges[revertedChange.subject] = revertedChange
      }
    }
    return revertedChanges
  }

  /// Writes the file; without setbacks there is none.
  func write(in stateDirectory: FilePath) throws(FileChangeError) {
    let path = Self.path(in: stateDirectory)
    guard !bySubject.isEmpty else { return try StateFile.remove(path) }
    try StateFile.write(StateFile.text(all.map(\.line), title: Self.title), to: path)
  }
}

extension RevertedChange {
  /// Fields with tabs between them; the reason, which is for people, comes last.
  fileprivate var line: String {
    let (kind, name) = subject.words
    let reason = reason.split { $0 == "\n" || $0 == "\t" }.joined(separator: " ")
    return [kind, name, digest ?? "-", fingerprint, "\(attempts)", "\(time)", reason]
      .joined(separator: "\t")
  }

  fileprivate init?(_ line: Substring) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 7, let subject = Subject(kind: fields[0], name: String(fields[1])),
      let attempts = Int(fields[4]), let time = Int64(fields[5])
    else { return nil }
    self.init(
      subject: subject, digest: fields[2] == "-" ? nil : String(fields[2]),
      fingerprint: String(fields[3]), attempts: attempts, time: time, reason: String(fields[6]))
  }
}

extension Subject {
  /// What stands for it in the file; only what a plan changes is ever reverted.
  fileprivate var words: (kind: String, name: String) {
    switch self {
    case .cluster(let name): ("cluster", name)
    case .alias(let owner): ("alias", owner.withoutTrailingDot)
    case .block(let name): ("alias", name)
    case .zone(let name, _): ("zone", name.withoutTrailingDot)
    case .exemption: ("exemption", "-")
    case .named, .command, .files, .metrics, .stateDirectory, .pass: (description, "-")
    }
  }
}
