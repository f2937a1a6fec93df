import DNSNames
import FoundationEssentials
import ReconcileModel
import SystemPackage

/// A pass as one JSON document (`--json`).
struct Report: Encodable {
  struct File: Encodable {
    var path: String
    var isNew: Bool
    var isRemoved: Bool
  }

  /// A DNS UPDATE, as nsupdate reads it.
  struct Update: Encodable {
    var zone: String
    var view: String?
    var key: String
    var script: [String]
  }

  struct Problem: Encodable {
    var severity: String
    var subject: String
    var reason: String
    var remedy: String

    private enum CodingKeys: String, CodingKey {
      case severity, subject, reason
      case remedy = "cure"
    }
  }

  /// `in-sync`, `pending`, `applied`, `held` or `failed`.
  var result: String
  var files: [File]
  var commands: [String]
  var updates: [Update]
  var problems: [Problem]
  var notes: [String]
  /// The unified diff.
  var diff: String

  init(_ plan: Plan, _ problems: [ReconcileModel.Problem], isApplied: Bool) {
    result =
      switch ExitStatus(problems) {
      case .failed: "failed"
      case .held: "held"
      default: plan.isEmpty ? "in-sync" : isApplied ? "applied" : "pending"
      }
    files = plan.files.map {
      File(path: $0.path.recorded, isNew: $0.before == nil, isRemoved: $0.contents == nil)
    }
    commands = plan.commands.map(\.description)
    updates = plan.updates.map {
      Update(
        zone: $0.zone.withoutTrailingDot, view: $0.view, key: $0.key.recorded, script: $0.script)
    }
    self.problems = problems.map {
      Problem(
        severity: $0.severity.rawValue, subject: "\($0.subject)", reason: $0.reason,
        remedy: $0.remedy)
    }
    notes =
      plan.handEdits.map(\.description) + plan.warnings + plan.hints.map(\.description)
      + plan.hidden.map(\.description)
    diff = String(decoding: UnifiedDiff.text(of: plan), as: UTF8.self)
  }

  /// A pass that ended before it had a plan.
  init(failure error: any Error) {
    self.init(Plan(), [ReconcileModel.Problem(.failed, .pass, error)], isApplied: false)
  }

  var json: String { get throws { try JSONText.document(self) } }
}
