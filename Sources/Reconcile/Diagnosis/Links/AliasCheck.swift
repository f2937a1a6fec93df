import BINDText
import DNSNames
import Named
import Planning
import ReconcileModel

/// Whether each alias leads into its cluster, from its DNAME to an address, and what it hides.
struct AliasCheck: LinkCheck {
  let facts: DiagnosisFacts

  /// The TTL in seconds above which resolvers hold an old target for too long.
  static let longTTL: UInt32 = 3600

  var findings: [Finding] {
    facts.desired.aliases.flatMap { findings(of: $0).about(.alias($0.owner)) }
  }

  private func findings(of alias: Alias) -> [Finding] {
    let problems = facts.problems(of: .alias(alias.owner), in: .aliases)
    return problems + served(alias) + standbys(of: alias) + hidden(by: alias)
      + lifetime(of: alias)
  }

  private func link(
    _ alias: Alias, _ part: String, _ state: Finding.State, _ finding: String, remedy: String = ""
  ) -> Finding {
    Finding(.aliases, "\(alias.blockName) \(part)", state, finding, remedy: remedy)
  }

  // MARK: - Its chain

  /// The alias's chain in each view, which a pass uses as well.
  private func served(_ alias: Alias) -> [Finding] {
    guard facts.unasked == nil, let chains = facts.chains else {
      return [link(alias, "DNAME", .skipped, facts.unasked ?? "named is not asked")]
    }
    guard let cluster = facts.desired.clusters.first(where: { $0.name == alias.cluster }),
      let id = facts.id(of: cluster), let target = try? Recipe.target(label: alias.label, id: id)
    else {
      return [
        link(
          alias, "DNAME", .skipped, "skipped: the ID of \(alias.cluster) is not known")
      ]
    }
    let own = chains.filter { $0.question.owner == alias.owner }
    guard !own.isEmpty else {
      return [
        link(
          alias, "DNAME", facts.absent, "no zone has a DNAME for it that leads into a cluster",
          remedy:
            "zonebridge run --once writes it and has named load it, unless a problem reported here prevents that"
        ), link(alias, "address", .skipped, "skipped: there is no DNAME"),
      ]
    }
    return own.flatMap { findings(on: $0, of: alias, target) }
  }

  private func findings(on chain: Chain, of alias: Alias, _ target: DomainName) -> [Finding] {
    let view = chain.question.view.map { " in view \($0)" } ?? ""
    guard chain.question.target == target else {
      return [
        link(
          alias, "DNAME\(view)", .broken,
          "it leads to \(chain.question.target), and should lead to \(target)",
          remedy: "zonebridge diff shows what would change, or what prevents the change")
      ]
    }
    return chain.links.map { part, state in
      let subject = "\(part.title)\(view)"
      switch state {
      case .holds: return link(alias, subject, .ok, words(for: part, of: chain))
      case .unknown(let why): return link(alias, subject, .skipped, why.cause)
      case .broken(let why):
        return link(alias, subject, .broken, why.cause, remedy: remedy(for: why, of: alias, part))
      }
    }
  }

  /// If the obstacle is in the configuration, another link has reported its place.
  private func remedy(for why: Chain.Why, of alias: Alias, _ link: Chain.Link) -> String {
    guard link == .address, let reply = facts.addressReplies[alias.owner] else { return why.remedy }
    return facts.explanation(of: reply, alias.cluster).remedy ?? why.remedy
  }

  private func words(for link: Chain.Link, of chain: Chain) -> String {
    switch link {
    case .dname: "leads to \(chain.question.target)"
    case .forwardZone:
      "named gets answers for names below \(chain.question.target.withoutTrailingDot)"
    case .address:
      """
      named answers for \(chain.question.probe).\(chain.question.owner.withoutTrailingDot) as a master does
      """
    }
  }

  // MARK: - Where it could move

  /// Whether each cluster that the alias does not lead to could take it over: a standby that is broken is found out
  /// before it is needed.
  private func standbys(of alias: Alias) -> [Finding] {
    guard let failover = alias.failover else { return [] }
    let course = facts.plan?.courses?.first { $0.alias == alias.owner }
    return failover.clusters.filter { $0 != alias.cluster }.map { name in
      let part = "standby \(name)"
      guard let sight = course?.sights[name] else {
        return link(alias, part, .skipped, "skipped: its health is judged in a pass only")
      }
      switch sight.health {
      case .healthy:
        return link(alias, part, .ok, "it is healthy, so the alias can move there")
      case .ill(let why):
        return link(
          alias, part, .warning, "it is ill, so the alias cannot move there: \(why.cause)",
          remedy: why.remedy)
      case .unknown(let why):
        // What the masters say is known without named; the rest may only not be seen from this host.
        return link(
          alias, part, sight.masters == .holds ? .skipped : .warning,
          "its health is not known, so the alias does not move there: \(why.cause)",
          remedy: why.remedy)
      }
    }
  }

  // MARK: - What it hides

  private func hidden(by alias: Alias) -> [Finding] {
    guard let actual = facts.actual else { return [] }
    var names: Set<String> = []
    var count = 0
    for view in facts.chosenViews {
      guard let zone = actual.zone(enclosing: alias.owner, in: view) else { continue }
      var texts = (try? zone.text?.get())?.files ?? []
      if case .success(let live)? = zone.dynamic {
        texts += live.content?.files ?? []
        let found = live.namesBelow[alias.owner]
        count = max(count, found?.count ?? 0)
        names.formUnion(found?.first.map(\.withoutTrailingDot) ?? [])
      }
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
      return [link(alias, "hides", .ok, "\(finding); its allow permits that")]
    }
    return [
      link(
        alias, "hides", .warning, finding,
        remedy: """
          Move these names elsewhere, or choose an alias with nothing below it. If this is intended: allow: \
          [\(Safeguard.hidesNames.rawValue)]
          """)
    ]
  }

  private func lifetime(of alias: Alias) -> [Finding] {
    guard alias.ttl > Self.longTTL else { return [] }
    return [
      link(
        alias, "TTL", .warning,
        """
        \(alias.ttl) s: for that long resolvers lead to the old cluster after it is reinstalled or the alias moves
        """, remedy: "Give the alias a lower ttl, such as 60")
    ]
  }
}

extension Chain.Link {
  fileprivate var title: String {
    switch self {
    case .dname: "DNAME"
    case .forwardZone: "forward zone"
    case .address: "address"
    }
  }
}
