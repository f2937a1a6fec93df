import DNSNames
import FoundationEssentials
import ReconcileModel
import SystemPackage

/// A pass as one JSON document (`--json`).
struct Report: Encodable {
  struct File: Encodable, Hashable {
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

  /// What a plan would come to.
  init(preview plan: Plan) {
    self.init(plan, plan.problems, plan.isEmpty ? "in-sync" : "pending")
  }

  /// What a pass came to: of commands and updates, those that were sent.
  init(_ result: PassResult) {
    self.init(result.plan, result.problems, result.plan.isEmpty ? "in-sync" : "applied")
    commands = result.attempts.flatMap(\.sentCommands).map(\.description)
    updates = result.attempts.flatMap(\.sentUpdates).map(Update.init)
    // What goes only after something else was seen served is a change of its own.
    let steps = result.attempts.filter { !$0.plan.files.isEmpty && $0.putBack.isEmpty }
    guard steps.count > 1 else { return }
    files = steps.flatMap(\.plan.files).map(File.init).unique()
    diff = steps.map { String(decoding: UnifiedDiff.text(of: $0.plan), as: UTF8.self) }.joined()
  }

  private init(_ plan: Plan, _ problems: [ReconcileModel.Problem], _ success: String) {
    result =
      switch ExitStatus(problems) {
      case .failed: "failed"
      case .held: "held"
      default: success
      }
    files = plan.files.map(File.init)
    commands = plan.commands.map(\.description)
    updates = plan.updates.map(Update.init)
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
    self.init(Plan(), [ReconcileModel.Problem(.failed, .pass, error)], "failed")
  }

  var json: String { get throws { try JSONText.document(self) } }
}

extension Report.File {
  init(_ file: PlannedFile) {
    self.init(
      path: file.path.recorded, isNew: file.before == nil, isRemoved: file.contents == nil)
  }
}

extension Report.Update {
  init(_ update: ZoneUpdate) {
    self.init(
      zone: update.zone.withoutTrailingDot, view: update.view, key: update.key.recorded,
      script: update.script)
  }
}
