import DCOS
import DNSNames
import ReconcileModel

/// What each master says: HTTP, TLS, login, ID and list, and what follows for the cluster.
struct MasterCheck: LinkCheck {
  let facts: DiagnosisFacts

  /// How many days before a certificate expires the link warns.
  private static let certificateNotice: Int64 = 14

  var findings: [Finding] {
    facts.desired.clusters.flatMap { findings(of: $0).about(.cluster($0.name)) }
  }

  private func findings(of cluster: Cluster) -> [Finding] {
    if let error = facts.untrusted[cluster.name] {
      return [
        Finding(.clusters, "\(Subject.cluster(cluster.name))", .broken, error),
        Finding(
          .clusters, "\(cluster.name): masters", .skipped,
          "skipped: the CA certificate cannot be used"),
      ]
    }
    switch facts.observations[cluster.name] {
    case .fixed(let view)?:
      return belief(
        in: cluster, "ID \(view.id) and its masters are given in the configuration")
    case .observed(let round)?:
      let agreement = Agreement.reached(in: round)
      let masters = round.reports.flatMap { links(of: $0, in: cluster, agreement) }
      return login(to: cluster, round) + masters + self.agreement(agreement, in: cluster)
    case nil:
      return [
        Finding(
          .clusters, "\(Subject.cluster(cluster.name))", .skipped, "its masters were not asked")
      ]
    }
  }

  // MARK: - What they amount to

  private func agreement(
    _ agreement: Result<Agreement, Disagreement>, in cluster: Cluster
  ) -> [Finding] {
    switch agreement {
    case .failure(let disagreement):
      // It is shown with what each of them said.
      let headline =
        disagreement.headline.hasSuffix(":")
        ? String(disagreement.headline.dropLast()) : disagreement.headline
      return [
        Finding(
          .clusters, "\(Subject.cluster(cluster.name))", .broken, headline,
          remedy:
            "Fix the masters reported above; until then their last agreement stays in force")
      ]
    case .success(let agreement):
      let view = agreement.view
      let list = view.masters.map(\.description).joined(separator: ", ")
      return belief(in: cluster, "its masters agree: ID \(view.id), masters \(list)")
    }
  }

  private func belief(in cluster: Cluster, _ finding: String) -> [Finding] {
    let problems = facts.problems(of: .cluster(cluster.name), in: .clusters)
    return problems.isEmpty
      ? [Finding(.clusters, "\(Subject.cluster(cluster.name))", .ok, finding)] : problems
  }

  // MARK: - Login

  private func login(to cluster: Cluster, _ round: ObservationRound) -> [Finding] {
    let subject = "\(cluster.name): login"
    let failures = round.reports.flatMap { [$0.id.failure, $0.members.failure] }.compactMap(\.self)
    let refusal = failures.first { $0.reason.isAboutLogin }
    let isAnswered = round.reports.contains { $0.id.failure == nil || $0.members.failure == nil }
    if let refusal {
      // What lets it in elsewhere is of no use at this one master only.
      let isLetIn = round.reports.contains { $0.id.failure == nil }
      return [
        Finding(
          .clusters, subject, isLetIn ? .warning : .broken, at: "\(refusal.master)", refusal.reason)
      ]
    }
    guard let account = cluster.credentials.account else { return [] }
    guard isAnswered else {
      return [Finding(.clusters, subject, .skipped, "skipped: no master answers")]
    }
    return [Finding(.clusters, subject, .ok, "the masters accept \(account)")]
  }

  // MARK: - One master

  private func links(
    of report: MasterReport, in cluster: Cluster, _ agreement: Result<Agreement, Disagreement>
  ) -> [Finding] {
    // One faulty master does no harm as long as the others agree.
    let fault: Finding.State = (try? agreement.get()) == nil ? .broken : .warning
    let subject = "\(cluster.name): \(report.master)"
    let failures = [report.id.failure, report.members.failure].compactMap(\.self)
    if failures.count == 2, let obstacle = failures.lazy.compactMap(\.reason.obstacleOnTheWay).first
    {
      return [
        Finding(.clusters, subject, fault, obstacle),
        Finding(
          .clusters, "\(subject) ID, list", .skipped, "skipped: it does not answer"),
      ]
    }
    return [answer(of: report, subject)] + said(report, subject, fault, try? agreement.get().view)
  }

  private func answer(of report: MasterReport, _ subject: String) -> Finding {
    guard report.master.scheme == .https else {
      return Finding(.clusters, subject, .ok, "answers over HTTP")
    }
    guard let end = facts.certificateEnds[report.master] else {
      return Finding(.clusters, subject, .ok, "answers over HTTPS")
    }
    let days = (end - facts.now) / 86_400
    let date = CivilTime(secondsSince1970: end)
    guard days >= Self.certificateNotice else {
      var finding = Finding(
        .clusters, subject, .warning,
        end > facts.now
          ? "its certificate expires in \(count(Int(days), "day"))"
          : "its certificate expired at \(date), and is accepted because of the configuration",
        remedy:
          "Renew it on the master. If it is pinned, first add the new one to certificate-sha256"
      )
      finding.date = end
      return finding
    }
    return Finding(
      .clusters, subject, .ok,
      "answers over HTTPS; its certificate expires in \(days) days, at \(date)")
  }

  private func said(
    _ report: MasterReport, _ subject: String, _ fault: Finding.State, _ view: ClusterView?
  ) -> [Finding] {
    var links: [Finding] = []
    switch report.id {
    case .success(let id):
      links.append(
        view.map { $0.id != id } ?? false
          ? Finding(
            .clusters, "\(subject) ID", .warning, "says another ID than most masters: \(id)",
            remedy:
              "If it belongs to another cluster, remove it from masters. Otherwise check dcos-net there"
          )
          : Finding(.clusters, "\(subject) ID", .ok, "\(id)"))
    case .failure(let failure): links += link(failure, "\(subject) ID", fault)
    }
    switch report.members {
    case .success(let list):
      let text = list.addresses.map(\.description).joined(separator: ", ")
      links.append(
        view.map { $0.masters != list.addresses } ?? false
          ? Finding(
            .clusters, "\(subject) list", .warning,
            "lists other masters than most: \(text) (\(list.source))",
            remedy:
              "While a master is being replaced, this resolves by itself. Otherwise check Exhibitor there"
          )
          : Finding(.clusters, "\(subject) list", .ok, "\(text) (\(list.source))"))
    case .failure(let failure): links += link(failure, "\(subject) list", fault)
    }
    return links
  }

  private func link(
    _ failure: ObservationError, _ subject: String, _ fault: Finding.State
  ) -> [Finding] {
    if failure.reason.isAboutLogin {
      return [
        Finding(.clusters, subject, .skipped, "skipped: there is no login")
      ]
    }
    return [Finding(.clusters, subject, fault, failure.reason)]
  }
}

extension Credentials {
  /// Who logs in, in words; nil where nobody does.
  fileprivate var account: String? {
    switch self {
    case .none: nil
    case .token(let source): "the token of \(source)"
    case .password(let uid, _), .serviceKey(let uid, _): uid
    case .serviceAccount(let source): "the account of \(source)"
    }
  }
}
