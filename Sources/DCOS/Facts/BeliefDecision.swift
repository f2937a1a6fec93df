/// What to believe of a cluster's masters: a pure decision from one round and the memory.
///
/// A master that is being replaced, an ensemble that is forming, a reinstalled cluster: what they say is often wrong
/// for a while, and to act on it takes names away from people. If it is not believed, the earlier belief stays.
package enum BeliefDecision: Hashable, Sendable {
  /// Act on this.
  case believed(ClusterView)
  /// They agree, but that has to last, or an operator to accept it, before it is acted on.
  case doubted(Doubt)
  /// They do not agree.
  case unknown(Disagreement)

  /// Why an agreement is not acted on.
  package struct Doubt: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
      /// Another ID is another cluster.
      case otherID
      /// More than half of the masters would go at once, or all of them.
      case mostMastersGone
      /// There would be fewer masters: as while one is replaced.
      case fewerMasters
    }

    package var reason: Reason
    package var view: ClusterView
    package var known: ClusterView
    /// Since when they say so, in seconds since 1970.
    package var since: Int64
    /// From when on it is believed by itself, in seconds since 1970; nil for never.
    package var until: Int64?
  }

  /// How much is taken on trust.
  package struct Rules: Hashable, Sendable {
    /// The only ID to accept; nil for any that the other rules admit.
    package var pinnedID: ClusterID?
    /// Whether another ID is followed once all masters have said it in some rounds in a row.
    package var followsID: Bool
    /// How long masters have to agree on what is doubted, in seconds.
    package var settleTime: Int64
    /// Whether an operator accepts what is doubted.
    package var isAccepted: Bool

    package init(
      pinnedID: ClusterID? = nil, followsID: Bool = false, settleTime: Int64 = 900,
      isAccepted: Bool = false
    ) {
      self.pinnedID = pinnedID
      self.followsID = followsID
      self.settleTime = settleTime
      self.isAccepted = isAccepted
    }
  }

  /// In how many rounds in a row masters have to say what is doubted before it is believed by itself; for another ID,
  /// all masters.
  package static let roundsToFollow = 3

  /// Judges a round.
  ///
  /// - Parameters:
  ///   - round: what the masters said.
  ///   - memory: what is remembered; nil at first sight.
  ///   - rules: how much is taken on trust.
  ///   - now: in seconds since 1970.
  /// - Returns: what to believe, and what to remember.
  package static func of(
    _ round: ObservationRound, memory: ClusterMemory?, rules: Rules, now: Int64
  ) -> (decision: BeliefDecision, memory: ClusterMemory?) {
    switch Agreement.reached(in: round) {
    case .failure(let disagreement):
      // What was doubted has not lasted.
      var memory = memory
      memory?.pending = nil
      return (.unknown(disagreement), memory)
    case .success(let agreement):
      return judge(agreement, memory: memory, rules: rules, now: now)
    }
  }

  private static func judge(
    _ agreement: Agreement, memory: ClusterMemory?, rules: Rules, now: Int64
  ) -> (BeliefDecision, ClusterMemory?) {
    let view = agreement.view
    guard let known = memory?.view, !isPinned(view.id, over: known.id, rules) else {
      return (.believed(view), ClusterMemory(view: view, agreedAt: now))
    }
    let isShorter = Set(view.masters).isStrictSubset(of: known.masters)
    if known.id == view.id, agreement.isOfTheLiving, isShorter {
      // A master that is down is still a master.
      return (.believed(known), ClusterMemory(view: known, agreedAt: now))
    }
    guard let reason = doubt(view, known) else {
      return (.believed(view), ClusterMemory(view: view, agreedAt: now))
    }
    var pending = ClusterMemory.Pending(view: view, since: now)
    if let earlier = memory?.pending, earlier.view == view { pending = earlier }
    // The clock was set back.
    pending.since = min(pending.since, now)
    pending.rounds += 1
    pending.unanimousRounds = agreement.isUnanimous ? pending.unanimousRounds + 1 : 0
    let until = reason == .otherID ? nil : pending.since + rules.settleTime
    let isSettled =
      reason == .otherID
      ? rules.followsID && pending.unanimousRounds >= roundsToFollow
      // A clock that jumps ahead makes nothing older.
      : pending.rounds >= roundsToFollow && until.map { $0 <= now } ?? false
    if rules.isAccepted || isSettled {
      return (.believed(view), ClusterMemory(view: view, agreedAt: now))
    }
    let agreedAt = memory?.agreedAt ?? now
    return (
      .doubted(
        Doubt(reason: reason, view: view, known: known, since: pending.since, until: until)),
      ClusterMemory(view: known, agreedAt: agreedAt, pending: pending)
    )
  }

  /// Whether the configuration itself says that this other ID is the right one.
  private static func isPinned(_ id: ClusterID, over known: ClusterID, _ rules: Rules) -> Bool {
    known != id && rules.pinnedID == id
  }

  private static func doubt(_ view: ClusterView, _ known: ClusterView) -> Doubt.Reason? {
    guard view.id == known.id else { return .otherID }
    let lost = Set(known.masters).subtracting(view.masters).count
    if lost * 2 > known.masters.count { return .mostMastersGone }
    return view.masters.count < known.masters.count ? .fewerMasters : nil
  }
}
