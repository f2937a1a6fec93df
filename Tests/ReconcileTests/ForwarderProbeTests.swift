import DCOS
import DNSNames
import Named
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Whether masters answer DNS before they become forwarders.
@Suite("The look at the masters before they become forwarders", .timeLimit(.minutes(3)))
struct ForwarderProbeTests {
  private static let name = "mesos.\(Site.ids[0]).dcos.directory."

  /// Patient, so that nothing is asked twice on a busy machine.
  private static let probe = ForwarderProbe(timeout: .seconds(30))

  private func subject(
    _ port: UInt16, _ forwarders: [String] = ["127.0.0.1"], cluster: String = "prod"
  ) throws -> ForwarderQuestion {
    ForwarderQuestion(
      cluster: cluster, id: try ClusterID(Site.ids[0]), labels: ["mesos"],
      forwarders: try forwarders.map { try IPAddress($0) }, port: port)
  }

  private static func answers(_ question: ScriptedQuestion) -> ScriptedAnswer {
    ScriptedAnswer(answers: [.soa(question.name)])
  }

  @Test(
    "a forwarder answers rightly over UDP and TCP → it is asked once over each, and no objection")
  func right() async throws {
    let server = try ScriptedNameServer { Self.answers($0) }
    let findings = await Self.probe.look(at: [try subject(server.port)])
    #expect(findings == ["prod": ForwarderFinding(silent: [], isAnswered: true)])
    #expect(server.questions.map(\.transport) == [.udp, .tcp])
    #expect(server.questions.allSatisfy { $0.name == Self.name && $0.type == 6 })
  }

  @Test("a forwarder that answers something else, over one or the other → is of no use")
  func wrong() async throws {
    let cases: [(ScriptedAnswer, String)] = [
      (.empty, "answers NOERROR"), (ScriptedAnswer(authority: [.soa("x.")]), "answers NOERROR"),
      (ScriptedAnswer(answers: [.soa("dcos.directory.")]), "answers NOERROR"),
      (ScriptedAnswer(answers: [.dname(Self.name, to: "x.")]), "answers NOERROR"),
      (.serverFailure, "answers SERVFAIL"), (.refused, "answers REFUSED"),
      (.nameError, "answers NXDOMAIN"),
      (ScriptedAnswer(rcode: 3, answers: [.soa(Self.name)]), "answers NXDOMAIN"),
    ]
    let server = try ScriptedNameServer { _ in .silence }
    for (answer, words) in cases {
      for transport in [ScriptedQuestion.Transport.udp, .tcp] {
        server.follow { $0.transport == transport ? answer : Self.answers($0) }
        let findings = await Self.probe.look(at: [try subject(server.port)])
        let over = transport == .udp ? "UDP" : "TCP"
        #expect(
          findings["prod"]
            == ForwarderFinding(
              silent: ["127.0.0.1:\(server.port) \(words) over \(over)"], isAnswered: false),
          "\(answer) over \(over)")
      }
    }
  }

  @Test("a forwarder that is silent → is of no use, and is not waited for beyond its time")
  func silent() async throws {
    let server = try ScriptedNameServer { _ in .silence }
    let probe = ForwarderProbe(timeout: .milliseconds(200), limit: .seconds(120))
    let findings = await probe.look(at: [try subject(server.port)])
    #expect(
      findings["prod"]
        == ForwarderFinding(
          silent: ["127.0.0.1:\(server.port) did not answer over UDP within 0.2 seconds"],
          isAnswered: false))
    #expect(!server.questions.contains { $0.transport == .tcp }, "it is not asked again over TCP")
  }

  @Test("nothing listens over TCP → it is of no use") func datagramsOnly() async throws {
    let server = try ScriptedNameServer { question in
      question.transport == .udp ? Self.answers(question) : .silence
    }
    let findings = await Self.probe.look(at: [try subject(server.port)])
    #expect(findings["prod"]?.isAnswered == false)
    #expect(findings["prod"]?.silent.first?.contains("closed") == true, "\(findings)")
    let port = try freePort()
    let nobody = await Self.probe.look(at: [try subject(port)])
    #expect(
      nobody["prod"]?.silent == [
        "nothing listens on 127.0.0.1:\(port) (UDP): the name server is down, or listens on another "
          + "address or port"
      ])
  }

  @Test("an answer too long for a datagram → it counts as it comes over TCP")
  func truncated() async throws {
    let server = try ScriptedNameServer { question in
      question.transport == .udp
        ? ScriptedAnswer(isTruncated: true) : ScriptedAnswer(answers: [.soa(question.name)])
    }
    let findings = await Self.probe.look(at: [try subject(server.port)])
    #expect(findings["prod"]?.isAnswered == true)
    #expect(server.questions.map(\.transport) == [.udp, .tcp, .tcp])
  }

  @Test("one of two answers → the cluster is answered, and the other one is reported")
  func oneOfTwo() async throws {
    let server = try ScriptedNameServer { Self.answers($0) }
    // Nothing listens on the second address.
    let findings = await Self.probe.look(
      at: [
        try subject(server.port, ["127.0.0.1", "127.0.0.2"]),
        try subject(server.port, ["127.0.0.2"], cluster: "lab"),
      ])
    #expect(findings["prod"]?.isAnswered == true)
    #expect(findings["prod"]?.silent.count == 1)
    #expect(findings["prod"]?.silent.first?.contains("127.0.0.2:\(server.port)") == true)
    #expect(findings["lab"]?.isAnswered == false)
  }

  @Test(
    "hundreds of silent forwarders of several clusters → one that answers is asked all the same, and all is over in time"
  )
  func manySilent() async throws {
    let server = try ScriptedNameServer { Self.answers($0) }
    let silent = try ScriptedNameServer { _ in .silence }
    let crowd = [String](repeating: "127.0.0.1", count: 300)
    // Were they all waited for, it would take ten times as long as the limit.
    let probe = ForwarderProbe(timeout: .seconds(10), limit: .seconds(15))
    var subjects = try (1...3).map { try subject(silent.port, crowd, cluster: "silent\($0)") }
    subjects.append(try subject(server.port))
    let findings = await probe.look(at: subjects)
    #expect(findings["prod"] == ForwarderFinding(silent: [], isAnswered: true))
    for name in 1...3 {
      #expect(findings["silent\(name)"]?.isAnswered == false)
      #expect(findings["silent\(name)"]?.silent.count == 300)
    }
    let last = findings["silent3"]?.silent ?? []
    #expect(
      last.contains { $0.hasSuffix("too many others did not answer") },
      "they are not all waited for")
  }

  @Test("nothing to look at → nothing asked") func nothing() async throws {
    #expect(await Self.probe.look(at: []).isEmpty)
  }

  @Test("no master answers → held, nothing touched, nothing told; one answers → told, and written")
  func held() async throws {
    try await withLiveSite { site in
      site.failMasters()
      let held = try await site.expectUntouched()
      #expect(held.problems.map(\.severity) == [.held])
      #expect(
        held.problems.first?.reason.contains("none of its masters answers DNS for it from here")
          == true)
      #expect(site.history.entries.isEmpty)
      site.mendMasters()
      var two = site
      two.desired.clusters[0].forwarders = [try IPAddress("127.0.0.1"), try IPAddress("127.0.0.2")]
      let result = try await two.run()
      #expect(result.problems.isEmpty, "\(result.problems)")
      #expect(
        result.plan.hints.contains { $0.text.contains("some of its masters do not answer DNS") },
        "\(result.plan.hints)")
      // What is written already is not asked about before the plan: the look afterwards sees to it.
      site.masters.follow { _ in .refused }
      let count = site.masters.questions.count { $0.transport == .tcp }
      _ = try await two.run()
      #expect(site.masters.questions.count { $0.transport == .tcp } == count)
    }
  }
}
