package import DNSNames
package import ReconcileModel

/// What a pass saw and did, in words and numbers, for `status` and the metrics.
package struct PassRecord: Codable, Hashable, Sendable {
  package enum Result: String, Codable, Sendable, CaseIterable {
    case inSync = "in-sync"
    case applied, held, failed
  }

  package var result: Result
  /// When it ended, in seconds since 1970.
  package var time: Int64
  /// How long it took, in seconds.
  package var duration: Double
  /// How long each of its steps took, in seconds.
  package var steps: [String: Double] = [:]
  /// Whether named answers; nil where nothing is asked of it, and in the record of an older version.
  package var isNamedUp: Bool?
  /// Nil where they were not probed, and in the record of an older version.
  package var chains: [ChainRecord]?
  package var clusters: [ClusterRecord] = []
  package var aliases: [AliasRecord] = []
  /// The aliases that follow the health of their clusters; nil in the record of an older version.
  package var failovers: [FailoverRecord]?
  package var zones: [ZoneSerials] = []
  package var files: [FileRecord] = []
  package var problems: [ProblemRecord] = []
  /// What an operator can accept; nil for nothing, and in the record of an older version.
  package var held: [HeldChangeRecord]?
  /// The reload commands whose effect on named was not seen yet.
  package var reloadDebt: [String] = []
  /// What an operator should know but need not decide.
  package var notes: [String] = []
  /// Why the pass ended before it had inspected the host; the rest is then from an earlier pass.
  package var failure: String?

  package init(result: Result, time: Int64, duration: Double) {
    self.result = result
    self.time = time
    self.duration = duration
  }
}

/// A cluster, as a pass saw it.
package struct ClusterRecord: Codable, Hashable, Sendable {
  package enum State: String, Codable, Sendable {
    /// Its masters agree, and are believed.
    case agreed
    /// They agree on something that is not believed yet.
    case doubted
    /// They do not agree.
    case unknown
    /// The configuration says who they are.
    case fixed = "static"
  }

  package var name: String
  package var state: State
  /// What is acted on; nil while nothing is known.
  package var id: String?
  package var masters: [String] = []
  /// The ID for which BIND's files have the forward zone.
  package var written: String?
  /// When the masters last agreed, in seconds since 1970.
  package var agreedAt: Int64?
  /// What they agree on and what is not believed yet.
  package var pending: PendingRecord?
  /// Whether named answers through the forwarders; nil where it was not asked.
  package var isForwarded: Bool?
  /// What each master said, in the order asked.
  package var reports: [MasterRecord] = []
  /// Why the token that is in use was not renewed, and what helps; nil where it was, and in the record of an older
  /// version.
  package var refusedRenewal: String?
}

extension ClusterRecord {
  /// How many masters were asked for themselves.
  package var askedMasters: Int { reports.count { $0.isListedOnly != true } }
  /// How many of them answered as they should.
  package var upMasters: Int { reports.count { $0.isListedOnly != true && $0.isUp } }
}

/// What a cluster's masters agree on and what is not believed yet.
package struct PendingRecord: Codable, Hashable, Sendable {
  package var id: String
  package var masters: [String]
  /// Since when, in seconds since 1970.
  package var since: Int64
}

/// What one master said.
package struct MasterRecord: Codable, Hashable, Sendable {
  package var master: String
  package var id: String?
  package var masters: [String]?
  /// Where its list is from, and what is wrong with what it said.
  package var source: String?
  package var problems: [String] = []
  /// When the certificate ends that it showed last, in seconds since 1970; nil where none was seen.
  package var certificateEnd: Int64?
  /// Whether it is neither configured nor known, and was asked since others list it; nil if not.
  package var isListedOnly: Bool?

  package var isUp: Bool { problems.isEmpty }
}

/// An alias in one view.
package struct AliasRecord: Codable, Hashable, Sendable {
  package enum State: String, Codable, Sendable {
    case served
    case notServed = "not-served"
    /// named was not asked, or its answer does not tell.
    case unseen
    /// It is not written.
    case absent
  }

  package var name: String
  package var cluster: String
  package var state: State
  package var target: String?
  package var zone: String?
  package var view: String?
  package var reason: String?
  /// How many names it hides that came after it; nil in the record of an older version.
  package var hiddenNames: Int?
}

/// A zone with aliases, in one view.
package struct ZoneSerials: Codable, Hashable, Sendable {
  package var name: String
  package var view: String?
  package var file: String?
  package var isDynamic: Bool
  /// The serial in its file; nil for a dynamic zone, whose file is named's.
  package var serial: SerialNumber?
  /// The serial that named serves; nil where it does not serve the zone, or was not asked.
  package var servedSerial: SerialNumber?
}

/// A file with managed blocks.
package struct FileRecord: Codable, Hashable, Sendable {
  package var path: String
  package var blocks: [String]
}

/// Something that a pass did not do.
package struct ProblemRecord: Codable, Hashable, Sendable {
  package var severity: String
  package var subject: String
  package var reason: String
  package var remedy: String

  private enum CodingKeys: String, CodingKey {
    case severity, subject, reason
    case remedy = "cure"
  }

  package init(_ problem: Problem) {
    severity = problem.severity.rawValue
    subject = problem.subject.description
    reason = problem.reason
    remedy = problem.remedy
  }

  package var isHeld: Bool { severity == Problem.Severity.held.rawValue }
}

/// What would be written if an operator accepted what is held for a cluster.
package struct HeldChangeRecord: Codable, Hashable, Sendable {
  /// What `--accept` takes.
  package var cluster: String
  /// The diff, followed by the commands that would follow; without secrets.
  package var diff: String
  /// Whether the end of the diff is left out.
  package var isCut: Bool

  package init(cluster: String, diff: String, isCut: Bool) {
    self.cluster = cluster
    self.diff = diff
    self.isCut = isCut
  }
}

extension PassRecord {
  /// Keeps the known end of a master's certificate if the master showed none this time.
  mutating func completeCertificates(with before: PassRecord) {
    for index in clusters.indices {
      let known = before.clusters.first { $0.name == clusters[index].name }?.reports ?? []
      for place in clusters[index].reports.indices
      where clusters[index].reports[place].certificateEnd == nil {
        let master = clusters[index].reports[place].master
        clusters[index].reports[place].certificateEnd =
          known.first { $0.master == master }?.certificateEnd
      }
    }
  }
}
