import DCOS
import DNSNames
import Named
import Planning
import ReconcileModel

/// Why changes are reverted, and which ones are to blame.
struct RevertCause {
  var problems: [Problem]
  var blamed: Set<Subject>
  var undoesConfiguration: Bool
  /// The zones that are not as they should be.
  var zones: Set<DomainName> = []
  /// Whether named has accepted nothing of the change.
  var isRefusal = false
  var reasons: [Subject: String] = [:]
  var words: String

  func reason(of subject: Subject) -> String { reasons[subject] ?? words }

  mutating func blame(_ subjects: [Subject], for reason: String) {
    for subject in subjects {
      blamed.insert(subject)
      if reasons[subject] == nil { reasons[subject] = reason }
    }
  }
}

extension RevertCause {
  /// named refuses the configuration.
  init(refusal error: RemoteControlError, _ plan: Plan) {
    let subjects = Set(plan.attempts.keys)
    let configured = subjects.filter { if case .alias = $0 { false } else { true } }
    self.init(
      problems: [
        Problem(
          severity: .failed, subject: .named,
          reason: "\(error.cause). The files were reverted",
          remedy: error.remedySentence)
      ],
      blamed: configured.isEmpty ? subjects : configured, undoesConfiguration: true,
      isRefusal: true, words: "\(error)")
  }

  /// named does not serve what it should.
  init(_ failures: [UnservedExpectation], _ plan: Plan) {
    self.init(
      problems: failures.map { failure in
        Problem(
          severity: .failed, subject: failure.expectation.subject,
          reason: "named did not serve it, so it was reverted: \(failure.reason)",
          remedy: failure.remedy)
      },
      blamed: [], undoesConfiguration: false, words: failures.first?.reason ?? "")
    let attempts = plan.attempts
    for failure in failures {
      var subjects: [Subject]
      switch failure.expectation {
      case .forwarded(let name, let cluster):
        // If the cluster answers under another label, only the aliases with this label are to blame.
        let aliases = plan.aliases(to: name).map { Subject.alias($0) }
        if plan.isServed(cluster, besides: failures), !aliases.isEmpty {
          subjects = aliases
        } else {
          undoesConfiguration = true
          subjects = [.cluster(cluster)]
          if attempts[.cluster(cluster)] == nil { subjects = [.exemption] }
        }
      case .alias(let owner, _, let zone, _):
        zones.insert(zone)
        subjects = [.alias(owner)]
      case .serial(let zone, _, _):
        zones.insert(zone)
        subjects = plan.aliases(of: zone).map { .alias($0) }
      }
      blame(subjects.filter { attempts[$0] != nil }, for: failure.reason)
    }
    if blamed.isEmpty { blamed = Set(attempts.keys) }
    // A created zone also has a statement in the configuration.
    let isMade = plan.files.contains { file in
      guard case .zone(let zone, _) = file.kind else { return false }
      return file.before == nil && zones.contains(zone)
    }
    if isMade { undoesConfiguration = true }
  }

  /// Chains that held before and no longer do, or that were moved and do not hold at their new target.
  ///
  /// Nil if nothing in the plan is related.
  init?(broken chains: [Chain], before: [Chain], _ plan: Plan) {
    self.init(problems: [], blamed: [], undoesConfiguration: false, words: "")
    for chain in chains where chain.isBroken {
      guard case .broken(let why) = chain.state else { continue }
      let subjects = plan.subjects(of: chain, heldBefore: before.contains { $0.holds(as: chain) })
      guard !subjects.isEmpty else { continue }
      problems.append(
        Problem(
          severity: .failed, subject: .alias(chain.question.owner),
          reason: "its change was reverted, because no client could resolve it: \(why.cause)",
          remedy: why.remedy))
      if subjects.contains(where: { if case .alias = $0 { false } else { true } }) {
        undoesConfiguration = true
      }
      zones.insert(chain.question.zone)
      if words.isEmpty { words = why.cause }
      blame(subjects, for: why.cause)
    }
    guard !blamed.isEmpty else { return nil }
  }
}

extension Plan {
  /// The aliases of a zone that the plan changes.
  fileprivate func aliases(of zone: DomainName) -> Set<DomainName> {
    var owners: Set<DomainName> = []
    for case .alias(let owner, _, zone, _) in servedAfterwards + servedBefore {
      owners.insert(owner)
    }
    return owners
  }

  /// The aliases that the plan leads to a target.
  fileprivate func aliases(to target: DomainName) -> [DomainName] {
    servedAfterwards.compactMap { expectation in
      guard case .alias(let owner, target, _, _) = expectation else { return nil }
      return owner
    }
  }

  /// Whether a cluster is served under any of the names that were expected.
  fileprivate func isServed(_ cluster: String, besides failures: [UnservedExpectation]) -> Bool {
    servedAfterwards.contains { expectation in
      guard case .forwarded(_, cluster) = expectation else { return false }
      return !failures.contains { $0.expectation == expectation }
    }
  }

  /// The plan's changes that may have broken a chain.
  ///
  /// An alias that was moved is reverted alone. If a chain held and its alias was not changed, a change of its cluster
  /// broke it.
  fileprivate func subjects(of chain: Chain, heldBefore: Bool) -> [Subject] {
    let alias = Subject.alias(chain.question.owner)
    let isLedAnew = changes.contains { $0.subject == alias && $0.leadsAnew }
    guard heldBefore || isLedAnew else { return [] }
    if changes.contains(where: { $0.subject == alias && !$0.body.isEmpty }) { return [alias] }
    if restored.contains(alias) { return [alias] }
    let takers = changes.filter { $0.takes.contains { $0.forwards(chain.question.target) } }
    return ([.cluster(chain.question.cluster), .exemption] + takers.map(\.subject))
      .filter { subject in
        restored.contains(subject) || changes.contains { $0.subject == subject }
      }
  }
}

extension Chain {
  /// Whether it is the same alias's chain, and held.
  fileprivate func holds(as other: Chain) -> Bool {
    question.owner == other.question.owner && question.view == other.question.view && holds
  }
}

extension Requirement {
  /// Whether it is the forward zone that a DNAME's target falls into.
  fileprivate func forwards(_ target: DomainName) -> Bool {
    guard case .forwardZone(let id, _) = self else { return false }
    return target.isSubdomain(of: id.domain)
  }
}
