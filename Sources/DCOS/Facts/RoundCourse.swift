/// How one round goes on: whom to ask next, and when not to wait any longer.
///
/// It takes events, and has neither a clock nor a connection.
struct RoundCourse: Sendable {
  enum Event: Sendable {
    case answered(MasterReport)
    /// A question of an earlier round has ended, which leaves room for another one.
    case ended
    /// The masters have not agreed for so long that others have to be asked as well.
    case impatience
    /// The masters have agreed for long enough.
    case graceIsOver
    case timeIsUp
  }

  /// What to do next.
  struct Move: Sendable {
    var asks: [MasterEndpoint] = []
    /// Whether the masters have just agreed, so that the others are waited for a little longer.
    var beginsGrace = false
    var isOver = false
  }

  /// How many masters that are listed only are asked in a round.
  ///
  /// A list has as many at most, and one that is agreed on needs more than half of them.
  static let mostStrangers = MemberList.limit
  /// How many of them at a time: the author of a list chooses which hosts this host contacts.
  static let mostStrangersAtATime = 16

  /// All that are known, and those strangers that were asked.
  private(set) var order: [MasterEndpoint]
  /// Those that are listed only.
  private(set) var strangers: Set<MasterEndpoint> = []
  private(set) var answers: [MasterEndpoint: MasterReport] = [:]
  private(set) var isAgreed = false

  private let configured: [MasterEndpoint]
  private let isKnown: Bool
  private let learns: Bool
  private var shelved: [MasterEndpoint]
  private var awaited: Set<MasterEndpoint> = []
  /// Whether the round asks more than the usual masters.
  private var isWide = false

  /// Makes the course of a round.
  ///
  /// - Parameters:
  ///   - masters: those that are known, without those of the configuration doubled.
  ///   - shelved: those of them that are asked only if the others do not agree.
  ///   - configured: those that the configuration has.
  ///   - isKnown: whether the cluster's masters are known from before.
  ///   - learns: whether masters are asked that others list.
  init(
    masters: [MasterEndpoint], shelved: [MasterEndpoint] = [], configured: [MasterEndpoint],
    isKnown: Bool = false, learns: Bool = true
  ) {
    order = masters
    self.shelved = shelved
    self.configured = configured
    self.isKnown = isKnown
    self.learns = learns
  }

  /// The first move.
  ///
  /// - Parameter room: how many strangers may be asked.
  /// - Returns: what to do.
  mutating func begin(room: Int) -> Move {
    let first = order.filter { !shelved.contains($0) }
    awaited = Set(first)
    var move = next(Move(), room: room)
    move.asks = first + move.asks
    return move
  }

  /// The move after something has happened.
  mutating func note(_ event: Event, room: Int) -> Move {
    var move = Move()
    switch event {
    case .timeIsUp, .graceIsOver:
      move.isOver = true
      return move
    case .ended: break
    case .impatience: isWide = true
    case .answered(let report):
      awaited.remove(report.master)
      answers[report.master] = report
      // What holds no answer changes nothing about what the others said.
      if !isAgreed, !report.isSilent, case .success = Agreement.reached(in: round) {
        isAgreed = true
        move.beginsGrace = true
      }
    }
    return next(move, room: room)
  }

  private var round: ObservationRound {
    ObservationRound(
      reports: order.compactMap { answers[$0] }, configured: configured, isKnown: isKnown)
  }

  private mutating func next(_ move: Move, room: Int) -> Move {
    var move = move
    if isAgreed {
      move.isOver = awaited.isEmpty
      return move
    }
    if awaited.isEmpty { isWide = true }
    if isWide {
      let listed = listed(atMost: room)
      move.asks = shelved + listed
      awaited.formUnion(move.asks)
      shelved = []
      strangers.formUnion(listed)
      order += listed
    }
    move.isOver = awaited.isEmpty && listed(atMost: 1).isEmpty
    return move
  }

  /// Masters that are listed and that nobody has asked yet.
  ///
  /// They are taken from all lists in turn, so that a long one does not crowd out the others.
  private func listed(atMost room: Int) -> [MasterEndpoint] {
    let room = min(room, Self.mostStrangers - strangers.count)
    guard learns, room > 0, let first = configured.first else { return [] }
    let lists = order.compactMap { try? answers[$0]?.members.get().addresses }
    var seen = Set(order)
    var found: [MasterEndpoint] = []
    for index in 0..<(lists.map(\.count).max() ?? 0) {
      for list in lists where index < list.count {
        let master = first.at(list[index])
        guard seen.insert(master).inserted else { continue }
        found.append(master)
        if found.count == room { return found }
      }
    }
    return found
  }
}
