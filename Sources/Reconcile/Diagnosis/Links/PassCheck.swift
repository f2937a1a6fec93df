import DNSNames
import ReconcileModel
import SystemPackage

/// What a pass would do now, and what prevents it, unless another link reports that.
struct PassCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    guard let plan = facts.plan else {
      guard let failure = facts.failure else {
        return [
          Finding(.pass, "pass", .skipped, "skipped: BIND's programs are missing")
        ]
      }
      return [
        Finding(
          .pass, "pass", .broken, "it would fail before it changed anything: \(failure)",
          remedy: "Fix that first; zonebridge diff shows whether it helped")
      ]
    }
    return [step(plan)] + others(plan)
      + plan.hints.filter(\.isAboutZone).map { Finding(.pass, "pass", .warning, "\($0)") }
  }

  private func step(_ plan: Plan) -> Finding {
    let failed = plan.problems.filter { $0.severity == .failed }.map(\.subject)
    if !failed.isEmpty {
      return Finding(
        .pass, "pass", .broken, "it would fail for \(list(failed))",
        remedy: "Fix what is reported of them above; zonebridge diff shows whether it helped")
    }
    if plan.isEmpty, case .failure? = facts.named {
      return Finding(
        .pass, "pass", .skipped,
        "the files are right; whether named has loaded them was not checked, because its control channel cannot be reached"
      )
    }
    guard !plan.isEmpty else {
      let held = plan.problems.map(\.subject)
      guard held.isEmpty else {
        return Finding(
          .pass, "pass", .warning, "it would hold the changes of \(list(held))",
          remedy: "Decide: each is reported above, with its command or edit")
      }
      return Finding(.pass, "pass", .ok, "in step: it would change nothing")
    }
    let changes =
      plan.files.map(\.path.string) + plan.commands.map(\.description)
      + plan.updates.map { "DNS UPDATE of \($0.zone.withoutTrailingDot)" }
    return Finding(
      .pass, "pass", facts.absent == .pending ? .pending : .warning,
      "it would change:\n\(changes.joined(separator: "\n"))",
      remedy: "zonebridge diff shows it; zonebridge run --once applies it")
  }

  private func list(_ subjects: [Subject]) -> String {
    var seen: Set<Subject> = []
    return subjects.filter { seen.insert($0).inserted }.map(\.description).joined(separator: ", ")
  }

  /// Problems of neither a cluster nor an alias of the configuration.
  private func others(_ plan: Plan) -> [Finding] {
    let told = Set(
      facts.desired.clusters.map { Subject.cluster($0.name) }
        + facts.desired.aliases.map { Subject.alias($0.owner) })
    let subjects = plan.problems.map(\.subject).filter { !told.contains($0) }
    var seen: Set<Subject> = []
    return subjects.filter { seen.insert($0).inserted }
      .flatMap { facts.problems(of: $0, in: .pass) }
  }
}

extension Hint {
  fileprivate var isAboutZone: Bool { if case .zone = subject { true } else { false } }
}
