import DNSNames
import Named
import ReconcileModel

/// What named does for a client on this host that asks for a cluster's names, and what it says about validation.
struct ResolverProbe: Sendable {
  /// What was answered to the question for the SOA of `<label>.<id>.dcos.directory`, by cluster.
  struct Answer: Sendable {
    var name: DomainName
    var result: Result<DNSAnswer, DNSError>
    /// Whether named answers well when it is told not to validate; asked where it does not.
    var isGoodUnvalidated: Bool?
    /// What named answers without asking anybody; asked where it does not answer well.
    var own: DNSAnswer?
  }

  var answers: [String: [Answer]] = [:]
  /// Nil where the control channel does not tell.
  var validation: ValidationStatus?
  var roots: SecureRoots?

  static func look(at facts: DiagnosisFacts) async -> ResolverProbe {
    var probe = ResolverProbe()
    let clusters = facts.unasked == nil ? facts.desired.clusters : []
    let questions = clusters.flatMap { cluster in
      facts.labels(of: cluster).compactMap { label in
        facts.id(of: cluster).flatMap { try? Recipe.target(label: label, id: $0) }
          .map { (cluster: cluster.name, name: $0) }
      }
    }
    let client = facts.client
    let answers = await concurrentMap(questions, atMost: 32) { question in
      await answer(to: question.name, client)
    }
    for (question, answer) in zip(questions, answers) {
      probe.answers[question.cluster, default: []].append(answer)
    }
    if facts.isControlOurs, let control = facts.control {
      probe.validation = try? await control.validationStatus()
      probe.roots = try? await control.secureRoots()
    }
    return probe
  }

  private static func answer(to name: DomainName, _ client: DNSClient) async -> Answer {
    var answer = Answer(
      name: name, result: await client.result(of: name, .soa, recursionDesired: true))
    guard !answer.isGood, case .success = answer.result else { return answer }
    let unvalidated = await client.result(
      of: name, .soa, recursionDesired: true, checkingDisabled: true)
    answer.isGoodUnvalidated = unvalidated.hasForwardedSOA
    answer.own = try? await client.result(of: name, .soa).get()
    return answer
  }

  /// Whether named said to this host, in any answer, that it would recurse for it; nil if none came.
  var isRecursionAvailable: Bool? {
    let answers = answers.values.joined().compactMap { try? $0.result.get() }
    return answers.isEmpty ? nil : answers.contains(where: \.isRecursionAvailable)
  }
}

extension DNSClient {
  /// The answer or the failure, as a value.
  func result(
    of name: DomainName, _ type: RecordType, recursionDesired: Bool = false,
    checkingDisabled: Bool = false
  ) async -> Result<DNSAnswer, DNSError> {
    do throws(DNSError) {
      return .success(
        try await ask(
          name, type, recursionDesired: recursionDesired, checkingDisabled: checkingDisabled))
    } catch {
      return .failure(error)
    }
  }
}
