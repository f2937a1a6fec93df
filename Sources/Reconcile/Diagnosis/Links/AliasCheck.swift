import BINDText
import DNSNames
import Named
import Planning
import ReconcileModel

/// Whether each alias leads into its cluster, from its DNAME to an address, and what it hides.
struct AliasCheck: LinkCheck {
  let facts: DiagnosisFacts

  /// For how long a resolver may hold an old target before it is told, in seconds.
  static let longTTL: UInt32 = 3600

  var findings: [Finding] { facts.desired.aliases.flatMap(findings) }

  private func findings(of alias: Alias) -> [Finding] {
    let problems = facts.problems(of: .alias(alias.owner), in: .aliases)
    return problems + served(alias) + hidden(by: alias) + lifetime(of: alias)
  }

  private func link(
    _ alias: Alias, _ part: String, _ state: Finding.State, _ finding: String, remedy: String = ""
  ) -> Finding {
    Finding(.aliases, "\(alias.blockName) \(part)", state, finding, remedy: remedy)
  }

  // MARK: - The record, and a name through it

  private func served(_ alias: Alias) -> [Finding] {
    guard let probe = facts.aliasProbes[alias.owner] else {
      return [link(alias, "DNAME", .skipped, facts.unasked ?? "named is not asked")]
    }
    guard let cluster = facts.desired.clusters.first(where: { $0.name == alias.cluster }),
      let id = facts.id(of: cluster), let target = try? Recipe.target(label: alias.label, id: id)
    else {
      return [
        link(
          alias, "DNAME", .skipped, "not looked at, since the ID of \(alias.cluster) is not known")
      ]
    }
    let record = record(of: alias, probe, target)
    guard record.state == .ok || record.state == .warning else {
      return [
        record, link(alias, "address", .skipped, "not looked at, since its DNAME is not served"),
      ]
    }
    return [record, address(of: alias, probe)]
  }

  private func record(of alias: Alias, _ probe: AliasProbe, _ target: DomainName) -> Finding {
    let answer: DNSAnswer
    switch probe.record {
    case .failure(let failure):
      return Finding(.aliases, "\(alias.blockName) DNAME", .broken, failure)
    case .success(let success): answer = success
    }
    guard let record = answer.records(of: .dname, at: alias.owner).first else {
      if let reason = facts.whyUnseen({ has(alias, in: $0) }) {
        return link(alias, "DNAME", .skipped, reason)
      }
      return link(
        alias, "DNAME", .broken, "named answers \(answer.rcode) and no DNAME",
        remedy:
          "zonebridge run --once writes it and has it loaded, if nothing told here stands in the way"
      )
    }
    guard record.target == target else {
      return link(
        alias, "DNAME", .broken, "it leads to \(record.rdata), and should lead to \(target)",
        remedy: "See zonebridge diff for what keeps it from being changed, and for what would be")
    }
    if answer.isAuthoritative, record.ttl != alias.ttl {
      return link(
        alias, "DNAME", .warning,
        "it leads to \(target), with a TTL of \(record.ttl) s where the configuration says \(alias.ttl)",
        remedy: "zonebridge run --once puts it right, unless the pass is told to be held here")
    }
    return link(alias, "DNAME", .ok, "leads to \(target), TTL \(record.ttl) s")
  }

  private func has(_ alias: Alias, in view: String?) -> Bool {
    facts.chosenViews.contains(view) && facts.actual?.zone(enclosing: alias.owner, in: view) != nil
  }

  private func address(of alias: Alias, _ probe: AliasProbe) -> Finding {
    let answer: DNSAnswer
    switch probe.address {
    case .failure(let failure):
      return Finding(
        .aliases, "\(alias.blockName) address", .broken, at: "asked for \(probe.name)", failure)
    case .success(let success): answer = success
    }
    let addresses = answer.rdata(of: .a) + answer.rdata(of: .aaaa)
    if !addresses.isEmpty {
      return link(
        alias, "address", .ok,
        "\(probe.name) is \(addresses.joined(separator: ", "))")
    }
    if probe.isFromCluster(answer, for: alias) {
      return link(
        alias, "address", .ok, "the cluster itself answered for \(probe.name) (\(answer.rcode))")
    }
    if !answer.isRecursionAvailable {
      return link(
        alias, "address", .skipped, "not looked at, since named does not recurse for this host")
    }
    let reply = ForwardingReply(.address, probe.address, isGood: false)
    let obstacles = facts.explanation(of: reply, alias.cluster)
    return link(
      alias, "address", .broken,
      "\(probe.name) gets \(answer.rcode), and no address",
      remedy: obstacles.remedy ?? """
        See the forward zone above. Where that answers, look at mesos-dns in the cluster, and whether the \
        cache holds an old answer: rndc flushtree \(alias.blockName)
        """)
  }

  // MARK: - What it hides

  private func hidden(by alias: Alias) -> [Finding] {
    guard let actual = facts.actual else { return [] }
    var names: Set<String> = []
    var count = 0
    for view in facts.chosenViews {
      guard let zone = actual.zone(enclosing: alias.owner, in: view) else { continue }
      var texts = (try? zone.text?.get())?.files ?? []
      if case .success(let live)? = zone.dynamic { texts += live.content?.files ?? [] }
      for file in texts {
        let found = file.outline.owners(below: alias.owner, first: 5)
        count = max(count, found.count)
        names.formUnion(found.first.map(\.withoutTrailingDot))
      }
      for other in actual.zones
      where other.view == view && other.isInternetClass && other.name.isBelow(alias.owner) {
        names.insert("\(other.name.withoutTrailingDot) (a zone)")
      }
    }
    guard !names.isEmpty else { return [link(alias, "hides", .ok, "no names")] }
    let list = names.sorted().prefix(5).joined(separator: ", ")
    let more = max(count, names.count) > 5 ? " and others" : ""
    let finding = "names below it, which answer NXDOMAIN (RFC 6672): \(list)\(more)"
    if alias.allow.contains(.hidesNames) {
      return [link(alias, "hides", .ok, "\(finding); as its allow says")]
    }
    return [
      link(
        alias, "hides", .warning, finding,
        remedy: """
          Move these names elsewhere, or the alias to a name that nothing stands below; \
          allow: [\(Safeguard.hidesNames.rawValue)] says that it is meant so
          """)
    ]
  }

  private func lifetime(of alias: Alias) -> [Finding] {
    guard alias.ttl > Self.longTTL else { return [] }
    return [
      link(
        alias, "TTL", .warning,
        """
        \(alias.ttl) s: for so long resolvers lead to the old cluster after it was reinstalled or the alias \
        moved
        """, remedy: "Give the alias a lower ttl, such as 60")
    ]
  }
}
