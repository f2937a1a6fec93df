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
    let objections = await concurrentMap(questions, atMost: Self.concurrency) { question in
      await objection(to: question.forwarder, of: question.subject)
    }
    var findings: [String: ForwarderFinding] = [:]
    for (question, objection) in zip(questions, objections) {
      let cluster = question.subject.cluster
      if let objection {
        findings[cluster, default: ForwarderFinding()].silent.append(objection)
      } else {
        findings[cluster, default: ForwarderFinding()].isAnswered = true
      }
    }
    return findings
  }

  /// Why a forwarder is of no use; nil if it answers over both.
  func objection(to forwarder: IPAddress, of subject: ForwarderQuestion) async -> String? {
    guard let server = try? Endpoint(host: "\(forwarder)", port: subject.port) else {
      return "\(forwarder): no address to be asked"
    }
    let client = DNSClient(server: server, timeout: timeout)
    for transport in [DNSTransport.udp, .tcp] {
      do throws(DNSError) {
        let answer = try await client.ask(
          subject.name, .soa, recursionDesired: true, transport: transport)
        guard answer.rcode == .noError, let zone = try? DomainName(subject.name),
          answer.hasAuthority(of: zone)
        else {
          return "\(server) answers \(answer.rcode) over \(transport)"
        }
      } catch {
        return "\(error)"
      }
    }
    return nil
  }
}
