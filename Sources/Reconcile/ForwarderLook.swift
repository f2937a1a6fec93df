import BINDText
import DCOS
import Named

/// The look before the leap: whether the masters answer DNS for their cluster, before they become
/// forwarders.
struct ForwarderLook: Sendable {
  /// What a plan would have named forward to.
  struct Subject: Sendable {
    var cluster: String
    /// `<label>.<id>.dcos.directory`; the apex and foreign IDs go to the cluster's own resolvers, and so
    /// tell nothing.
    var name: String
    var forwarders: [IPAddress]
    var port: UInt16
  }

  /// What was seen of the forwarders of one cluster.
  struct Finding: Hashable, Sendable {
    /// Those that do not answer rightly, each with the reason.
    var silent: [String] = []
    /// Whether any answers rightly.
    var isAnswered = false
  }

  /// How many questions are on their way at a time.
  private static let concurrency = 32

  var timeout: Duration = .seconds(3)

  /// Asks all forwarders side by side, over UDP and TCP.
  func look(at subjects: [Subject]) async -> [String: Finding] {
    let questions = subjects.flatMap { subject in
      subject.forwarders.map { (subject: subject, forwarder: $0) }
    }
    let objections = await concurrently(questions, atMost: Self.concurrency) { question in
      await objection(to: question.forwarder, of: question.subject)
    }
    var findings: [String: Finding] = [:]
    for (question, objection) in zip(questions, objections) {
      let cluster = question.subject.cluster
      if let objection {
        findings[cluster, default: Finding()].silent.append(objection)
      } else {
        findings[cluster, default: Finding()].isAnswered = true
      }
    }
    return findings
  }

  /// Why a forwarder is of no use; nil if it answers over both.
  func objection(to forwarder: IPAddress, of subject: Subject) async -> String? {
    guard let server = try? Endpoint(host: "\(forwarder)", port: subject.port) else {
      return "\(forwarder): no address to be asked"
    }
    let client = DNSClient(server: server, timeout: timeout)
    for transport in [DNSTransport.udp, .tcp] {
      do throws(DNSFailure) {
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

extension Planner {
  /// Whether the masters that are to become forwarders are known not to answer; then the cluster's change
  /// is held.
  mutating func isUnanswered(_ cluster: Cluster, _ forwarders: [IPAddress]) -> Bool {
    guard let finding = findings[cluster.name] else { return false }
    let list = finding.silent.joined(separator: "; ")
    if finding.isAnswered {
      if !finding.silent.isEmpty {
        result.remarks.append(
          "cluster \(cluster.name): of its masters some do not answer DNS: \(list)")
      }
      return false
    }
    if accepted.contains(cluster.name) { return false }
    hold(
      "cluster \(cluster.name)",
      "none of its masters answers DNS for it from here: \(list)",
      cure: """
        Look at dcos-net on the masters, at what is between here and port \(cluster.dnsPort) of theirs \
        (UDP and TCP), and at dns-port and forwarders in the configuration
        """)
    return true
  }

  /// What the plan would have named forward to that it does not yet.
  var newForwarders: [ForwarderLook.Subject] {
    desired.clusters.compactMap { cluster in
      guard changedClusters.contains(cluster.name),
        result.attempts[.cluster(cluster.name)] != nil, let id = targets[cluster.name],
        let forwarders = forwarders[cluster.name]
      else { return nil }
      let label = desired.aliases.first { $0.cluster == cluster.name }?.label ?? "mesos"
      return ForwarderLook.Subject(
        cluster: cluster.name, name: "\(label).\(id.domain).", forwarders: forwarders,
        port: cluster.dnsPort)
    }
  }
}
