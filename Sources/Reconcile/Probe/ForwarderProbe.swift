import DCOS
import DNSNames
import Named
import ReconcileModel

/// The look before the leap: whether the masters answer DNS for their cluster, before they become
/// forwarders.
struct ForwarderProbe: Sendable {
  /// How many questions are on their way at a time.
  private static let concurrency = 32

  var timeout: Duration = .seconds(3)

  /// Asks all forwarders side by side, over UDP and TCP.
  func look(at subjects: [ForwarderQuestion]) async -> [String: ForwarderFinding] {
    let questions = subjects.flatMap { subject in
      subject.forwarders.map { (subject: subject, forwarder: $0) }
    }
    let seen = await concurrentMap(questions, atMost: Self.concurrency) { question in
      await labels(of: question.forwarder, question.subject)
    }
    var findings: [String: ForwarderFinding] = [:]
    var known: [String: Set<String>] = [:]
    for (question, seen) in zip(questions, seen) {
      let cluster = question.subject.cluster
      if let objection = seen.objection {
        findings[cluster, default: ForwarderFinding()].silent.append(objection)
      } else {
        findings[cluster, default: ForwarderFinding()].isAnswered = true
      }
      known[cluster, default: []].formUnion(seen.known)
      findings[cluster]?.unknownLabels.merge(seen.unknown) { first, _ in first }
    }
    for (cluster, labels) in known {
      for label in labels { findings[cluster]?.unknownLabels[label] = nil }
      if findings[cluster]?.isAnswered == false { findings[cluster]?.unknownLabels = [:] }
    }
    return findings
  }

  private struct Sight: Sendable {
    /// Why the forwarder is of no use at all.
    var objection: String?
    var known: Set<String> = []
    var unknown: [String: String] = [:]
  }

  /// Asks one forwarder for each label, and for one that every cluster has where it knows none of them.
  private func labels(
    of forwarder: IPAddress, _ subject: ForwarderQuestion
  ) async -> Sight {
    var sight = Sight()
    for (label, name) in subject.names.sorted(by: { $0.key < $1.key }) {
      if let objection = await objection(to: forwarder, port: subject.port, name) {
        sight.unknown[label] = objection
      } else {
        sight.known.insert(label)
      }
    }
    guard sight.known.isEmpty else { return sight }
    if let name = subject.knownName {
      sight.objection = await objection(to: forwarder, port: subject.port, name)
    } else {
      sight.objection = sight.unknown.min { $0.key < $1.key }?.value
    }
    return sight
  }

  /// Why a forwarder is of no use; nil if it answers over both.
  func objection(
    to forwarder: IPAddress, port: UInt16, _ name: DomainName
  ) async -> String? {
    let server = Endpoint(forwarder, port: port)
    let client = DNSClient(server: server, timeout: timeout)
    for transport in [DNSTransport.udp, .tcp] {
      do throws(DNSError) {
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
