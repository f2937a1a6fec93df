import BINDText
import DCOS
package import DNSNames
package import ReconcileModel

// Make before break, and look before the leap, for the DNAMEs that a rollback restores.
extension RollbackPlanner {
  private struct Place: Hashable {
    var owner: DomainName
    var zone: ZoneInView
  }

  /// The DNAMEs that lead into clusters where they do not lead now, once the changes are reverted.
  var leaps: [RollbackLeap] {
    // The earliest change comes last, and shows what was there before all of them.
    var former: [Place: DomainName?] = [:]
    for entry in entries {
      for alias in entry.aliases {
        guard let owner = try? DomainName(alias.owner), let zone = try? DomainName(alias.zone)
        else { continue }
        let place = Place(owner: owner, zone: ZoneInView(name: zone, view: alias.view))
        former[place] = .some(alias.old.flatMap { try? DomainName($0) })
      }
      for update in entry.updates {
        guard let owner = try? DomainName(update.owner), let zone = try? DomainName(update.zone)
        else { continue }
        let place = Place(owner: owner, zone: ZoneInView(name: zone, view: update.view))
        former[place] = .some(update.old.flatMap { try? DomainName($0.target) })
      }
    }
    let concerned = Set(
      entries.flatMap(\.subjects).compactMap { subject -> String? in
        if case .cluster(let name) = subject { name } else { nil }
      })
    let name = concerned.count == 1 ? concerned.first : nil
    return former.compactMap { place, target -> RollbackLeap? in
      guard let target, let id = target.clusterID,
        !standing(place.owner, in: [place.zone.view]).contains(where: { $0.target == target })
      else { return nil }
      let zone = actual.zones.first { $0.clusterID == id && $0.block != nil }
      return RollbackLeap(
        owner: place.owner, target: target, zone: place.zone, id: id,
        cluster: zone?.block ?? name ?? id.description)
    }.sorted { $0.owner < $1.owner }
  }

  /// Makes sure that the restored DNAMEs have what they need, and take no name away.
  ///
  /// - Parameters:
  ///   - leaps: the DNAMEs to restore.
  ///   - texts: the configuration files that change, with their new contents.
  /// - Throws: what is missing or in the way.
  func check(_ leaps: [RollbackLeap], _ texts: [NamedConfOutline]) throws(PlanError) {
    for leap in leaps {
      let isForwarded =
        actual.forwardsNames(of: leap.id, in: leap.zone.view)
        || texts.contains { $0.hasZone(leap.id.domain, in: leap.zone.view) }
      guard isForwarded else {
        throw PlanError(
          """
          alias \(leap.owner.withoutTrailingDot): it would lead to \(leap.target) again, and named.conf has no forward \
          zone \(leap.id.domain.withoutTrailingDot) any more, so that no client could resolve it
          """,
          remedy: """
            Revert the change that removed the forward zone first (zonebridge rollback --list shows it), or both at once \
            with --last
            """)
      }
      guard standing(leap.owner, in: [leap.zone.view]).isEmpty else { continue }
      let hidden = hiddenNames(by: leap)
      guard !hidden.isEmpty else { continue }
      let list = hidden.prefix(5).joined(separator: ", ")
      throw PlanError(
        """
        alias \(leap.owner.withoutTrailingDot): its DNAME would hide names that were added below it since it was \
        removed: \(list)\(hidden.count > 5 ? " and others" : "")
        """,
        remedy: "Move these names elsewhere, or add the alias to the configuration again")
    }
  }

  /// What resolves below an alias that is not there.
  private func hiddenNames(by leap: RollbackLeap) -> [String] {
    var names: [String] = []
    for zone in actual.zones where zone.inView == leap.zone {
      var files = (try? zone.text?.get())?.files ?? []
      if zone.isDynamic {
        files = []
        if case .success(let live)? = zone.dynamic { files = live.content?.files ?? [] }
      }
      for file in files {
        names += file.outline.owners(below: leap.owner, first: 6).first.map(\.withoutTrailingDot)
      }
    }
    for other in actual.zones
    where other.view == leap.zone.view && other.isInternetClass && other.name.isBelow(leap.owner) {
      names.append("\(other.name.withoutTrailingDot) (a zone)")
    }
    return names
  }

  /// What named has to serve: each target through its forward zone, and then the DNAMEs of dynamic zones.
  func expectations(of leaps: [RollbackLeap]) -> [Expectation] {
    let updated = entries.flatMap(\.updates)
    return leaps.map { .forwarded(name: $0.target, cluster: $0.cluster) }.unique()
      + leaps.filter { leap in
        updated.contains { (try? DomainName($0.owner)) == leap.owner }
      }.map {
        .alias(owner: $0.owner, target: $0.target, zone: $0.zone.name, view: $0.zone.view)
      }
  }

  /// The questions to ask the masters first: whether they answer for the targets.
  func questions(_ leaps: [RollbackLeap], _ texts: [NamedConfOutline]) -> [ForwarderQuestion] {
    leaps.compactMap { leap in
      var forwarders = actual.standingForwarders(of: leap.id)
      if forwarders.isEmpty {
        forwarders =
          texts.lazy.map { $0.forwarders(of: leap.id.domain) }.first { !$0.isEmpty } ?? []
      }
      guard let port = forwarders.first?.port else { return nil }
      return ForwarderQuestion(
        cluster: "\(leap.owner)", id: leap.id, labels: [leap.target.label],
        forwarders: forwarders.map(\.address), port: port, probe: Cluster.defaultProbe)
    }
  }
}

extension Plan {
  /// Why a rollback may not move a DNAME that clients resolve.
  ///
  /// - Parameters:
  ///   - findings: what was answered, by alias.
  ///   - broken: the aliases that nobody can resolve: they have nothing to lose.
  /// - Returns: the first objection; nil where there is none.
  package func objection(
    to findings: [String: ForwarderFinding], besides broken: Set<DomainName>
  ) -> PlanError? {
    for leap in leaps where !broken.contains(leap.owner) {
      guard let finding = findings["\(leap.owner)"] else { continue }
      let label =
        finding.unknownLabels[leap.target.label] ?? finding.deadLabels[leap.target.label]
      guard !finding.isAnswered || label != nil else { continue }
      return PlanError(
        """
        alias \(leap.owner.withoutTrailingDot): it would lead to \(leap.target) again, for which no master answers: \
        \(label ?? finding.silent.joined(separator: "; "))
        """,
        remedy: "See whether that cluster is still there; what resolves now stays as it is")
    }
    return nil
  }
}

extension DomainName {
  /// The label under a cluster's domain.
  fileprivate var label: String {
    let surplus = labelCount - (clusterDomain?.labelCount ?? 0)
    return labels.prefix(surplus).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
  }
}

extension NamedConfOutline {
  /// Whether the file has a zone for a view.
  ///
  /// In a file that a view includes, zones name no view.
  fileprivate func hasZone(_ name: DomainName, in view: String?) -> Bool {
    zones.contains { zone in
      guard self.name(of: zone) == name else { return false }
      let own = zone.view.map { views[$0].name }
      return own == nil || own == view
    }
  }

  fileprivate func forwarders(of name: DomainName) -> [Forwarder] {
    guard let zone = zones.first(where: { self.name(of: $0) == name }),
      let entries = settings("forwarders", in: zone.body).last
    else { return [] }
    return [Forwarder](entries: entries)
  }
}
