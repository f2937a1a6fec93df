package import BINDText
package import DCOS
package import DNSNames
package import FileChange
package import SystemPackage

/// What one pass would do: edits as byte ranges, and the commands that follow.
package struct Plan: Sendable {
  package var files: [PlannedFile] = []
  package var commands: [NamedCommand] = []
  /// The clusters' domains of which named has to forget what it has cached.
  package var forgotten: [DomainName] = []
  /// What is changed in dynamic zones, after the commands.
  package var updates: [ZoneUpdate] = []
  /// The records in dynamic zones that are ours afterwards.
  package var owned = OwnedRecords()
  /// What named has to serve already, if it has loaded the current files.
  package var alreadyServed: [Expectation] = []
  /// What named has to serve once the plan is carried out.
  package var servedAfterwards: [Expectation] = []
  /// What named may serve now and the plan changes, to be looked for again where it has to be reverted.
  package var servedBefore: [Expectation] = []
  /// Those of them that named may rightly not serve to this host, because a view that was not chosen may answer it.
  package var visibleInOtherViews: Set<Expectation> = []
  package var problems: [Problem] = []
  /// What an operator should know but need not decide.
  package var warnings: [String] = []
  /// What could be better but stays as it is: reported on request, and not in each pass.
  package var hints: [Hint] = []
  /// What the present aliases hide: names that were added later.
  package var hidden: [HiddenNames] = []
  /// The ID that each cluster's aliases lead to once the plan is carried out.
  package var targets: [String: ClusterID] = [:]
  /// What must not be applied again once the plan is carried out.
  package var holds: [RevertedChange] = []
  /// What it does, one thing each.
  package var changes: [Change] = []
  /// What a rollback restores, which is done as a whole.
  package var restored: Set<Subject> = []
  /// The DNAMEs that a rollback leads where they do not lead now.
  package var leaps: [RollbackLeap] = []
  /// The serials that it raises.
  package var serialEdits: [SerialEdit] = []
  /// The clusters whose forward zones would go if nothing leads into them.
  package var departing: Set<ClusterID> = []
  /// Until when forward zones stay that nothing leads into, once the plan is carried out.
  package var retained = RetainedZones()
  /// The aliases that go once named is seen to serve what may replace them.
  package var replaced: Set<DomainName> = []
  /// Whether the rest waits for this plan to be carried out: DNAMEs are removed before the forward zone that they need,
  /// and after what replaces them.
  package var continues = false
  /// The forwarders that named will use and does not use yet.
  package var newForwarders: [ForwarderQuestion] = []
  /// What to remember of the clusters.
  package var memories = ClusterMemories()
  /// What was decided of the aliases that follow the health of their clusters; nil where nothing was.
  package var courses: [FailoverCourse]?
  /// The reverted changes that are still remembered.
  package var revertedChanges = RevertedChanges()
  /// The blocks that somebody edited by hand and that will be restored; shown before that is done.
  package var handEdits: [HandEdit] = []

  package init() {}

  /// Whether the pass has nothing to change, neither in a file nor in named.
  package var isEmpty: Bool { files.isEmpty && commands.isEmpty && updates.isEmpty }

  /// Whether named is told to forget clusters.
  package var flushes: Bool { commands.contains(where: \.isFlush) }
}

extension Plan {
  /// What the plan changes, each with the digest of what is written.
  package var attempts: [Subject: String] {
    var attempts = Dictionary(restored.map { ($0, "") }) { $1 }
    for change in changes { attempts[change.subject] = change.body.digest }
    return attempts
  }

  /// Why it does, in a few words.
  package var reasons: [Subject: String] {
    var reasons = Dictionary(restored.map { ($0, "reverted by an operator") }) { $1 }
    for change in changes { reasons[change.subject] = change.reason }
    return reasons
  }
}

/// What should be better and is left as it is.
package struct Hint: Hashable, Sendable, CustomStringConvertible {
  package var subject: Subject
  package var text: String

  package init(_ subject: Subject, _ text: String) {
    self.subject = subject
    self.text = text
  }

  package var description: String { "\(subject): \(text)" }
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
  /// The present contents; nil for a file to make.
  package var before: FileSnapshot?
  package var edits: [TextEdit]
  /// The candidate: the file with its edits; nil for a file to be taken away.
  package var contents: FileContents?

  package init(
    kind: Kind, path: FilePath, before: FileSnapshot? = nil, edits: [TextEdit],
    contents: FileContents? = nil
  ) {
    self.kind = kind
    self.path = path
    self.before = before
    self.edits = edits
    self.contents = contents
  }
}
