import BINDText
import DNSNames
import FileChange
import ReconcileModel

// What named withholds of the masters' answers.
extension ForwardingObstacles {
  func answerObstacles(
    _ path: ForwardingPath, _ view: String?
  ) -> [ForwardingObstacle] {
    [validation(path, view)].compactMap(\.self)
      + responsePolicy(path, view)
      + [
        deniedAddresses(path, view), deniedAliases(path, view),
        rateLimit(path, view),
      ].compactMap(\.self)
  }

  /// `dcos.directory` is not in the public DNS: a validator has to prove that, and else fails.
  private func validation(_ path: ForwardingPath, _ view: String?) -> ForwardingObstacle? {
    let setting = tree.setting("dnssec-validation", in: view)
    if setting?.clause.isNo == true { return nil }
    let exceptions = tree.setting("validate-except", in: view)?.clause.list ?? []
    let names = exceptions.compactMap { $0.words.first.flatMap { try? DomainName($0) } }
    guard !names.contains(where: path.domain.isSubdomain) else { return nil }
    let location =
      setting?.location
      ?? tree.options.map { tree.files[$0.file].location(of: $0.statement.range.lowerBound) }
    return ForwardingObstacle(
      .validation, .possible, at: location ?? tree.files.first.map { "\($0.snapshot.path)" } ?? "",
      "named validates, and \(path.domain.withoutTrailingDot), which nobody signs, is not excepted",
      remedy: """
        Write validate-except { "dcos.directory"; }; or leave it to zonebridge: dnssec-exempt: true
        """)
  }

  private func responsePolicy(
    _ path: ForwardingPath, _ view: String?
  ) -> [ForwardingObstacle] {
    guard let policy = tree.setting("response-policy", in: view) else { return [] }
    return policy.clause.list("zone").compactMap { entry in
      let words = entry.words.map { $0.lowercased() }
      // These two leave all answers as they are.
      let isIdle = zip(words, words.dropFirst()).contains {
        $0 == "policy" && ["disabled", "passthru"].contains($1)
      }
      guard !isIdle, let name = entry.value.flatMap({ try? DomainName($0) }) else { return nil }
      return ForwardingObstacle(
        .policyZone(name), .possible, at: policy.location,
        "the response policy zone \(name.withoutTrailingDot) rewrites the answers",
        suspicion: "the response policy zone \(name.withoutTrailingDot) may rewrite the answers",
        remedy: "Add to that zone: *.dcos.directory CNAME rpz-passthru.")
    }
  }

  private func deniedAddresses(
    _ path: ForwardingPath, _ view: String?
  ) -> ForwardingObstacle? {
    guard let denial = tree.setting("deny-answer-addresses", in: view),
      !denial.clause.exempts(path),
      !denial.clause.list.isEmpty
    else { return nil }
    let denied = path.hosts.filter {
      matcher.verdict(of: denial.clause.list, on: $0) == .accepted
    }
    return ForwardingObstacle(
      .deniedAddresses, denied.isEmpty ? .possible : .certain, at: denial.location,
      """
      deny-answer-addresses makes named reject answers with addresses of \
      \(path.cluster)\(denied.isEmpty ? "" : " (\(denied.list))") as forged
      """,
      suspicion:
        "deny-answer-addresses may make named reject answers with the cluster's addresses as forged",
      remedy: "Write except-from { \"dcos.directory\"; } after its list")
  }

  private func deniedAliases(_ path: ForwardingPath, _ view: String?) -> ForwardingObstacle? {
    guard let denial = tree.setting("deny-answer-aliases", in: view), !denial.clause.exempts(path),
      denial.clause.list.contains(where: { entry in
        entry.value(is: { path.domain.isSubdomain(of: $0) || $0.isBelow(path.domain) })
      })
    else { return nil }
    return ForwardingObstacle(
      .deniedAliases, .possible, at: denial.location,
      "deny-answer-aliases makes named reject answers with aliases to names of \(path.cluster) as forged",
      remedy: "Write except-from { \"dcos.directory\"; } after its list")
  }

  private func rateLimit(
    _ path: ForwardingPath, _ view: String?
  ) -> ForwardingObstacle? {
    guard let limit = tree.setting("rate-limit", in: view),
      limit.clause.list("log-only").last?.isYes != true
    else { return nil }
    let exempt = limit.clause.list("exempt-clients").last?.list ?? []
    if let client = path.client, matcher.verdict(of: exempt, on: client) == .accepted { return nil }
    let host = path.client.map { "\($0), this host" } ?? "this host"
    return ForwardingObstacle(
      .rateLimit, .possible, at: limit.location,
      "rate-limit does not exempt \(host): named drops answers that it repeats too often",
      remedy: """
        Add exempt-clients { \(path.client.map(\.description) ?? "127.0.0.1"); }; to rate-limit, and the \
        resolvers that ask this server
        """)
  }
}

extension Clause {
  /// Whether `except-from` leaves the cluster's names alone.
  fileprivate func exempts(_ path: ForwardingPath) -> Bool {
    (list(behind: "except-from") ?? []).contains { $0.value(is: path.domain.isSubdomain) }
  }

  /// Whether the entry of a list of names is a name that meets a condition.
  fileprivate func value(is condition: (DomainName) -> Bool) -> Bool {
    words.first.flatMap { try? DomainName($0) }.map(condition) ?? false
  }
}
