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

  /// Weighs the reports of one round, in time linear in what was said: a liar may say much.
  package static func reached(in round: ObservationRound) -> Result<Agreement, Disagreement> {
    let list = Self.list(agreedOnIn: round)
    let members = Set((list ?? []).map(\.description))
    let ids = round.voices { try? $0.id.get() }.filter { _, voices in
      round.has(majorityOf: members, voices)
    }
    guard let list, let id = ids.first?.key, ids.count == 1 else {
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

  private static func list(agreedOnIn round: ObservationRound) -> [IPAddress]? {
    let agreed = round.voices { try? $0.members.get().addresses }.filter { list, voices in
      round.has(majorityOf: Set(list.map(\.description)), voices)
    }
    guard let widest = agreed.keys.max(by: { $0.count < $1.count }) else { return nil }
    // A master that calls itself the whole cluster is a minority of a list that has it.
    let all = Set(widest)
    if agreed.keys.allSatisfy({ $0 == widest || all.hasMore(than: $0) }) { return widest }
    // If two lists each have a majority, there are two clusters, or a split one: the list of most configured masters
    // counts, if there is one. Earlier knowledge must not undo what first sight would have agreed on.
    guard let list = agreed.first(where: { round.has(majorityOfConfigured: $0.value) })?.key,
      !agreed.keys.contains(where: { Set($0).hasMore(than: list) })
    else { return nil }
    return list
  }
}

extension Set<IPAddress> {
  /// Whether it has all of a list, in which each address stands once, and others besides.
  fileprivate func hasMore(than list: [IPAddress]) -> Bool {
    list.count < count && list.allSatisfy(contains)
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
  /// Masters that have not answered yet; their reports are from an earlier round.
  package var repeated: Set<MasterEndpoint> = []
  /// Those that are neither configured nor known from before, but listed by others.
  package var strangers: Set<MasterEndpoint> = []

  /// Why the token that they are asked with was not renewed when that was due, where the login was refused.
  package var refusedRenewal: LoginError?

  package init(
    reports: [MasterReport], configured: some Sequence<MasterEndpoint>, isKnown: Bool = false
  ) {
    self.reports = reports
    self.configured = Set(configured)
    self.isKnown = isKnown
  }

  /// Who says what.
  fileprivate func voices<Fact: Hashable>(
    for fact: (MasterReport) -> Fact?
  ) -> [Fact: [MasterEndpoint]] {
    reports.reduce(into: [:]) { voices, report in
      if let fact = fact(report) { voices[fact, default: []].append(report.master) }
    }
  }

  /// Whether they are more than half of the listed masters.
  ///
  /// A configured master that is not listed by its address, since it has a name or stands behind NAT, may
  /// be any of them: such masters are counted apart, so that none counts twice.
  fileprivate func has(majorityOf members: Set<String>, _ voices: [MasterEndpoint]) -> Bool {
    let listed = Set(voices.lazy.map(\.host).filter(members.contains)).count
    let others = voices.count { configured.contains($0) && !members.contains($0.host) }
    if isKnown, listed * 2 > members.count { return true }
    // Otherwise a master that matches no known member would, with a list of one, be a majority alone.
    return max(listed, others) * 2 > members.count
      && has(majorityOfConfigured: voices)
  }

  /// Whether they are more than half of those configured; two things cannot both be said so.
  fileprivate func has(majorityOfConfigured voices: [MasterEndpoint]) -> Bool {
    voices.count(where: configured.contains) * 2 > configured.count
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
    // An earlier answer does not count again.
    guard !agreeing.contains(where: { repeated.contains($0.master) }) else { return false }
    let hosts = Set(agreeing.map(\.master.host))
    return view.masters.allSatisfy { hosts.contains($0.description) }
      || configured.count >= view.masters.count
        && configured.isSubset(of: Set(agreeing.map(\.master)))
  }
}
