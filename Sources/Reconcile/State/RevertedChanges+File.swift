import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

extension RevertedChanges {
  private static let title =
    "# Changes that zonebridge has put back and does not make again at once; see zonebridge run --accept."

  /// None where there is no file; what is damaged of it is left out.
  static func read(in state: StateDirectory) -> RevertedChanges {
    var revertedChanges = RevertedChanges()
    for line in StateFile(StateDirectory.Name.revertedChanges, in: state).lines(title: title) ?? []
    {
      if let revertedChange = RevertedChange(line) {
        revertedChanges[revertedChange.subject] = revertedChange
      }
    }
    return revertedChanges
  }

  /// Writes the file; without setbacks there is none.
  func write(in state: StateDirectory) throws(FileChangeError) {
    let file = StateFile(StateDirectory.Name.revertedChanges, in: state)
    guard !bySubject.isEmpty else { return try file.remove() }
    try file.write(StateFile.text(all.map(\.line), title: Self.title))
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
