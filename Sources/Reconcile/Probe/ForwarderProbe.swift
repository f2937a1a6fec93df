import DCOS
import DNSNames
import Named
import ReconcileModel

/// The look before the leap: whether the masters answer DNS for their cluster, before they become
/// forwarders.
struct ForwarderProbe: Sendable {
  /// How many questions are on their way at a time.
  private static let concurrency = 96

  /// For one question over UDP or TCP.
  var timeout: Duration = .seconds(3)
  /// For all questions together, however many forwarders of however many clusters are silent: what was not asked by
  /// then counts as silent.
  private let limit: Duration

  init(timeout: Duration = .seconds(3), limit: Duration? = nil) {
    self.timeout = timeout
    self.limit = limit ?? timeout * 2
  }

  /// Asks all forwarders side by side, over UDP and TCP.
  func look(at subjects: [ForwarderQuestion]) async -> [String: ForwarderFinding] {
    let sights = await sights(of: subjects)
    var findings: [String: ForwarderFinding] = [:]
    for (subject, sights) in zip(subjects, sights) {
      var finding = findings[subject.cluster] ?? ForwarderFinding()
      var known: Set<String> = []
      var alive: Set<String> = []
      for sight in sights {
        if let objection = sight.objection {
          finding.silent.append(objection)
        } else {
          finding.isAnswered = true
        }
        known.formUnion(sight.known)
        finding.unknownLabels.merge(sight.unknown) { first, _ in first }
        finding.deadLabels.merge(sight.dead) { first, _ in first }
        alive.formUnion(sight.known.filter { sight.dead[$0] == nil })
      }
      for label in known { finding.unknownLabels[label] = nil }
      for label in alive { finding.deadLabels[label] = nil }
      if !finding.isAnswered { finding.unknownLabels = [:] }
      if !sights.isEmpty { findings[subject.cluster] = finding }
    }
    return findings
  }

  /// Why each forwarder of each subject is of no use; nil for one that answers for the subject's first name.
  func objections(to subjects: [ForwarderQuestion]) async -> [[String?]] {
    await sights(of: subjects).map { $0.map(\.objection) }
  }

  /// What was seen of one forwarder.
  private struct Sight: Sendable {
    /// Why it is of no use at all.
    var objection: String?
    var known: Set<String> = []
    var unknown: [String: String] = [:]
    /// Those that are known, and in which it has an answer for no name.
    var dead: [String: String] = [:]
  }

  /// What one forwarder said of one name.
  private struct Reply: Sendable {
    /// Why it is of no use for it.
    var objection: String?
    /// Why it is of none for the names in that zone.
    var death: String?
  }

  /// What each forwarder of each subject answers, in their order.
  private func sights(of subjects: [ForwarderQuestion]) async -> [[Sight]] {
    // The first forwarder of each comes first: one cluster that is silent takes no other's turn.
    var places: [(subject: Int, forwarder: Int)] = []
    for forwarder in 0..<(subjects.map(\.forwarders.count).max() ?? 0) {
      places += subjects.indices.filter { subjects[$0].forwarders.count > forwarder }
        .map { ($0, forwarder) }
    }
    let questions = places.flatMap { place in
      subjects[place.subject].allNames.map { (place: place, name: $0) }
    }
    let deadline = ContinuousClock.now + limit
    let replies = await concurrentMap(questions, atMost: Self.concurrency) { question in
      let subject = subjects[question.place.subject]
      return await reply(
        of: subject.forwarders[question.place.forwarder], to: subject, question.name,
        until: deadline)
    }
    var sights = subjects.map { [Sight](repeating: Sight(), count: $0.forwarders.count) }
    var answers = subjects.map {
      [[DomainName: Reply]](repeating: [:], count: $0.forwarders.count)
    }
    for (question, reply) in zip(questions, replies) {
      let place = question.place
      answers[place.subject][place.forwarder][question.name] = reply
    }
    for place in places {
      sights[place.subject][place.forwarder] = sight(
        of: subjects[place.subject], answers[place.subject][place.forwarder])
    }
    return sights
  }

  /// What the answers of one forwarder come to: where it knows no label, whether it knows one that every cluster has.
  private func sight(of subject: ForwarderQuestion, _ replies: [DomainName: Reply]) -> Sight {
    var sight = Sight()
    for (label, name) in subject.names {
      if let objection = replies[name]?.objection {
        sight.unknown[label] = objection
      } else {
        sight.known.insert(label)
        sight.dead[label] = replies[name]?.death
      }
    }
    guard sight.known.isEmpty else { return sight }
    if let name = subject.knownName {
      sight.objection = replies[name]?.objection
    } else {
      sight.objection = sight.unknown.min { $0.key < $1.key }?.value
    }
    return sight
  }

  /// What a forwarder says of a name, and of one in that zone that has an address.
  private func reply(
    of forwarder: IPAddress, to subject: ForwarderQuestion, _ name: DomainName,
    until deadline: ContinuousClock.Instant
  ) async -> Reply {
    if let objection = await objection(to: forwarder, of: subject, name, until: deadline) {
      return Reply(objection: objection)
    }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .milliseconds(10), let probe = subject.probe,
      let inner = try? DomainName("\(probe).\(name)")
    else { return Reply() }
    let server = Endpoint(forwarder, port: subject.port)
    do throws(DNSError) {
      let client = DNSClient(server: server, timeout: min(timeout, left))
      let answer = try await client.ask(inner, .a, recursionDesired: true)
      guard !answer.rcode.isAnswer else { return Reply() }
      return Reply(death: "\(server) answers \(answer.rcode) for \(inner.withoutTrailingDot)")
    } catch {
      return Reply(death: "asked for \(inner.withoutTrailingDot): \(error)")
    }
  }

  /// Why a forwarder is of no use; nil if it answers over both.
  private func objection(
    to forwarder: IPAddress, of subject: ForwarderQuestion, _ name: DomainName,
    until deadline: ContinuousClock.Instant
  ) async -> String? {
    let server = Endpoint(forwarder, port: subject.port)
    for transport in [DNSTransport.udp, .tcp] {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .milliseconds(10) else {
        return "\(server) was not asked over \(transport): too many others did not answer"
      }
      do throws(DNSError) {
        let client = DNSClient(server: server, timeout: min(timeout, left))
        let answer = try await client.ask(
          name, .soa, recursionDesired: true, transport: transport)
        guard answer.rcode == .noError, answer.hasAuthority(of: name) else {
          return "\(server) answers \(answer.rcode) over \(transport)"
        }
      } catch {
        return "\(error)"
      }
    }
    return nil
  }
}

extension ForwarderQuestion {
  /// All that a forwarder is asked for.
  fileprivate var allNames: Set<DomainName> {
    Set(names.values).union([knownName].compactMap(\.self))
  }
}
