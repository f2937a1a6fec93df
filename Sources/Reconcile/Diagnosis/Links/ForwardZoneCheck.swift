import BINDText
import DCOS
import DNSNames
import Named
import Planning
import ReconcileModel

/// Whether named has the clusters' forward zones, and answers through them.
struct ForwardZoneCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    facts.desired.clusters.flatMap { findings(of: $0).about(.cluster($0.name)) }
  }

  private func findings(of cluster: Cluster) -> [Finding] {
    let subject = "\(cluster.name): forward zone"
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> [Finding] {
      [Finding(.forwarding, subject, state, finding, remedy: remedy)]
    }
    guard let actual = facts.actual else {
      return link(.skipped, "skipped: named.conf could not be read")
    }
    guard let id = facts.id(of: cluster) else {
      return link(.skipped, "skipped: the cluster's ID is not known")
    }
    let isThere = actual.zones.contains {
      $0.clusterID == id && $0.clauses.type == .forward && facts.chosenViews.contains($0.view)
    }
    guard isThere else {
      return link(
        facts.absent, "named.conf has none for \(id.domain.withoutTrailingDot)",
        "zonebridge run --once writes it, unless a problem reported here prevents that")
    }
    if let reason = facts.unasked { return link(.skipped, "it is in named.conf; \(reason)") }
    if let probe = facts.forwarderProbes[cluster.name], probe.isSilent {
      if let newID = probe.newID, !probe.answeringNewID.isEmpty {
        return link(.skipped, "skipped: its masters answer for another ID, \(newID)")
      }
      return link(.skipped, "skipped: none of its masters answers DNS from here")
    }
    return (facts.resolver.answers[cluster.name] ?? []).map { answer in
      judge(answer, of: cluster.name, Finding(.forwarding, subject, .ok, ""))
    }
  }

  private func judge(
    _ answer: ResolverProbe.Answer, of cluster: String, _ link: Finding
  ) -> Finding {
    var link = link
    let name = answer.name.withoutTrailingDot
    let reason = facts.whyUnseen(facts.chosenViews.contains)
    let obstacles = facts.explanation(of: answer.reply, cluster)
    switch answer.result {
    case .success where answer.isGood:
      link.finding = "named answers \(name) through the masters"
    case _ where reason != nil:
      link.state = .skipped
      link.finding = reason ?? ""
    case .failure(let failure):
      link = Finding(
        link.section, link.subject, .broken, at: "asked for \(name)", failure,
        otherwise: obstacles.remedy ?? "")
    case .success(let reply):
      link.state = .broken
      let ownWord = reply.isAuthoritative ? " from a zone of its own" : ""
      link.finding = "asked for \(name), named answers \(reply.rcode)\(ownWord)"
      link.remedy = obstacles.remedy ?? remedy(of: reply)
    }
    return link
  }

  private func remedy(of reply: DNSAnswer) -> String {
    if !reply.isRecursionAvailable {
      return
        "A forward zone needs recursion: check recursion and allow-recursion for this host"
    }
    switch reply.rcode {
    case .serverFailure:
      return """
        Check whether validation is on without an exception for dcos.directory, and see named's log. The masters \
        answer this host, but perhaps not the address that named asks from (query-source)
        """
    case .nameError:
      return
        "named asked other servers than the masters. If it has not loaded the forward zone: rndc reconfig"
    default:
      return "See named's log"
    }
  }
}
