package import BINDText
package import DCOS
package import FileChange
package import SystemPackage

/// What one pass would do: edits as byte ranges, and the commands that follow.
package struct Plan: Sendable {
  package var files: [PlannedFile] = []
  package var commands: [NamedCommand] = []
  /// What is changed in dynamic zones, after the commands.
  package var updates: [ZoneUpdate] = []
  /// The records in dynamic zones that are ours afterwards.
  var owned = OwnedRecords()
  /// What named has to serve already, if it has loaded the files as they stand.
  package var settled: [Expectation] = []
  /// What named has to serve once the plan is carried out.
  package var pending: [Expectation] = []
  /// What named may serve now and the plan changes, to be looked for again where it has to be put back.
  package var standing: [Expectation] = []
  /// Those of them that named may rightly not serve to this host, since it may be answered out of a
  /// view that was not chosen.
  package var visibleInOtherViews: Set<Expectation> = []
  package var problems: [Problem] = []
  /// What an operator should know and has nothing to decide about.
  package var notes: [String] = []
  /// What is not as it might be and is left so: for who asks, and not for each pass.
  package var remarks: [String] = []
  /// What the plan changes, each with the digest of what is written.
  var attempts: [Setback.Subject: String] = [:]
  /// Why it does, in a few words.
  var reasons: [Setback.Subject: String] = [:]
  /// The ID that each cluster's aliases lead to once the plan is carried out.
  package var targets: [String: ClusterID] = [:]
  /// What is not to be made again once the plan is carried out.
  var holds: [Setback] = []
  /// What named is to forward to and does not yet.
  var newForwarders: [ForwarderLook.Subject] = []
  /// What is to be remembered of the clusters.
  var memories = ClusterMemories()
  /// The changes that were put back before and are not forgotten.
  var setbacks = Setbacks()
  /// Whether a block that somebody edited by hand is put right, which is shown before it is done.
  package var undoesHandEdits = false

  package init() {}

  /// Whether the pass has nothing to change, neither in a file nor in named.
  package var isEmpty: Bool { files.isEmpty && commands.isEmpty && updates.isEmpty }
}

/// One file that the plan changes or makes.
package struct PlannedFile: Sendable {
  /// What the file is, and so which checker judges the candidate.
  package enum Kind: Sendable, Hashable {
    case configuration
    case zone(DomainName, view: String?)
  }

  package var kind: Kind
  /// The file itself, symbolic links followed.
  package var path: FilePath
  /// What stands there now; nil for a file to be made.
  package var before: FileSnapshot?
  package var edits: [TextEdit]
  /// The candidate: the file with its edits; nil for a file to be taken away.
  package var contents: FileContents?
}

/// A command to named's control channel.
package enum NamedCommand: Sendable, Hashable, CustomStringConvertible {
  /// Reads the configuration anew and loads new zones, and no others.
  case reconfig
  case reload(zone: DomainName, view: String?)
  /// Forgets what is cached of a cluster's names, answers of a former cluster or master.
  case flushTree(domain: String)

  package var description: String {
    switch self {
    case .reconfig: "rndc reconfig"
    case .reload(let zone, let view):
      "rndc reload \(zone.withoutTrailingDot)" + (view.map { " IN \($0)" } ?? "")
    case .flushTree(let domain): "rndc flushtree \(domain)"
    }
  }
}

/// Something that named has to serve.
package enum Expectation: Sendable, Hashable {
  /// The zone with this serial, newly loaded.
  case serial(zone: DomainName, view: String?, SerialNumber)
  /// The DNAME record of an alias.
  case alias(owner: DomainName, target: DomainName, zone: DomainName, view: String?)
  /// The SOA record of a cluster's label zone, through the forwarders.
  case forwarded(name: DomainName, cluster: String)
}

/// What was seen of an expectation.
package enum Verdict: Sendable, Hashable {
  case served
  /// With the reason, in words.
  case notServed(String)
}

/// Something that a pass did not do, with the reason and the cure.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
  package enum Severity: String, Sendable {
    /// A safeguard holds it until an operator decides: exit status 3.
    case held
    /// It went wrong, and what stood before stands: exit status 1.
    case failed
  }

  package var severity: Severity
  /// What it concerns: `cluster prod`, `alias foo.contoso.com`, `zone contoso.com`, `named`.
  package var subject: String
  package var reason: String
  package var cure: String

  package init(severity: Severity, subject: String, reason: String, cure: String) {
    self.severity = severity
    self.subject = subject
    self.reason = reason
    self.cure = cure
  }

  package var description: String {
    "\(subject): \(severity.rawValue): \(reason)" + (cure.isEmpty ? "" : ". \(cure)")
  }
}
