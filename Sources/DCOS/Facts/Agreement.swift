import DNSNames

/// What the masters' reports amount to.
///
/// A fact is what more than half of the masters *listed* say, so that neither one stray master nor the
/// silence of most makes one. The ID and the list are weighed apart: a master that does not know the key
/// yet may still list its peers.
package struct Agreement: Hashable, Sendable {
  package let view: ClusterView
  /// Whether every master listed was asked and said the same, and nobody said anything else.
  package let isUnanimous: Bool
  /// Whether the list is of those that are alive, not of those that belong to the cluster: it shrinks
  /// while a master is down.
  package let isOfTheLiving: Bool

  /// Weighs the reports of one round.
  package static func reached(in round: ObservationRound) -> Result<Agreement, Disagreement> {
    let lists = Set(round.reports.compactMap { try? $0.members.get().addresses })
    let agreed = lists.filter { list in
      round.has(majorityOf: list) { (try? $0.members.get().addresses) == list }
    }
    // A master that calls itself the whole cluster is a minority of a list that has it. Two lists beside
    // each other that each have their majority are two clusters, or one that is torn apart: then it is
    // the one of most of those configured, if any.
    let widest = agreed.filter { list in
      !agreed.contains { Set(list).isStrictSubset(of: $0) }
    }
    let list =
      widest.count == 1
      ? widest.first
      : widest.first { list in
        // What would have been agreed on at first sight is not undone by what is known.
        round.has(majorityOfConfigured: { (try? $0.members.get().addresses) == list })
      }
    let ids = Set(round.reports.compactMap { try? $0.id.get() }).filter { id in
      round.has(majorityOf: list ?? []) { (try? $0.id.get()) == id }
    }
    guard let list, let id = ids.first, ids.count == 1 else {
      return .failure(
        Disagreement(
          isAboutID: ids.count != 1, isAboutMasters: list == nil, reports: round.reports))
    }
    let view = ClusterView(id: id, masters: list)
    let sources = round.reports.compactMap { try? $0.members.get() }
      .filter { $0.addresses == list }.map(\.source)
    return .success(
      Agreement(
        view: view, isUnanimous: round.isUnanimous(on: view),
        isOfTheLiving: !sources.contains(.exhibitor)))
  }
}

/// What all masters that were asked in one round said.
package struct ObservationRound: Hashable, Sendable {
  package var reports: [MasterReport]
  /// Those that the configuration has; the others were learned from the cluster.
  package let configured: Set<MasterEndpoint>
  /// Whether the cluster's masters are known from before; else most of those configured have to say what
  /// is to count.
  package let isKnown: Bool

  package init(
    reports: [MasterReport], configured: some Sequence<MasterEndpoint>, isKnown: Bool = false
  ) {
    self.reports = reports
    self.configured = Set(configured)
    self.isKnown = isKnown
  }

  /// Whether more than half of the listed masters say something.
  ///
  /// A configured master that is not listed by its address, since it has a name or stands behind NAT, may
  /// be any of them: such masters are counted apart, so that none counts twice.
  fileprivate func has(
    majorityOf list: [IPAddress], _ says: (MasterReport) -> Bool
  ) -> Bool {
    let members = Set(list.map(\.description))
    let voices = reports.filter(says).map(\.master)
    let listed = Set(voices.map(\.host)).intersection(members).count
    let others = voices.filter { configured.contains($0) && !members.contains($0.host) }.count
    if isKnown, listed * 2 > list.count { return true }
    // One of whom nobody knows which member it is would else, by a list of one, be a majority alone.
    return max(listed, others) * 2 > list.count
      && has(majorityOfConfigured: says)
  }

  /// Whether more than half of those configured say something; two things cannot both be said so.
  fileprivate func has(majorityOfConfigured says: (MasterReport) -> Bool) -> Bool {
    let voices = reports.filter(says).map(\.master)
    return voices.filter(configured.contains).count * 2 > configured.count
  }

  fileprivate func isUnanimous(on view: ClusterView) -> Bool {
    let isContradicted = reports.contains { report in
      (try? report.id.get()).map { $0 != view.id } ?? false
        || (try? report.members.get().addresses).map { $0 != view.masters } ?? false
    }
    guard !isContradicted else { return false }
    let agreeing = reports.filter { report in
      (try? report.id.get()) == view.id
        && (try? report.members.get().addresses) == view.masters
    }
    let hosts = Set(agreeing.map(\.master.host))
    return view.masters.allSatisfy { hosts.contains($0.description) }
      || configured.count >= view.masters.count
        && configured.isSubset(of: Set(agreeing.map(\.master)))
  }
}
