package import DNSNames

/// Asks a cluster's masters, side by side, who the cluster is and who its masters are.
///
/// A slow answer is an answer: a round waits for it as long as the others can wait, and a later answer counts in the
/// next round unless a newer one has come. Until then the master's previous answer counts.
package actor ClusterObserver {
  private let masters: [MasterEndpoint]
  private let client: AuthorizedClient
  private let query: MasterQuery
  private let certificateEnds = CertificateEnds()
  private let limits: Limits
  private let clock: any Clock<Duration>

  private var register = MasterRegister()
  private var questions: [Int: Task<Void, Never>] = [:]
  /// The questions to masters that are only listed.
  private var strangers: Set<Int> = []
  private var rounds = 0
  private var feeds: [Int: AsyncStream<RoundCourse.Event>.Continuation] = [:]
  /// Whether the masters agreed in the last round.
  private var isAgreed = false

  /// How long to wait for each thing.
  package struct Limits: Sendable {
    /// For TCP and TLS.
    package var connect = Duration.seconds(3)
    /// For a whole answer.
    package var request = Duration.seconds(10)
    /// For slower masters once the others agree, and for the usual masters to agree before the others are asked.
    package var grace = Duration.seconds(1)
    /// For all masters in a round; nil for as long as in the first one.
    package var round: Duration?
    /// For all masters in the first round, before which nothing is known: one answer that does not come, and
    /// one that is asked for in its stead.
    package var firstRound: Duration?

    package init() {}
  }

  /// Makes an observer, which holds connections open until its `shutdown()`.
  package init(
    masters: [MasterEndpoint], trust: Trust, credentials: Credentials = .none,
    limits: Limits = Limits(), clock: any Clock<Duration> = ContinuousClock()
  ) throws(TrustError) {
    try self.init(
      masters: masters, trust: trust, credentials: credentials, limits: limits, clock: clock,
      names: .shared)
  }

  init(
    masters: [MasterEndpoint], trust: Trust, credentials: Credentials = .none, limits: Limits,
    clock: any Clock<Duration> = ContinuousClock(), names: NameLookups,
    rhythm: Session.Rhythm = .init()
  ) throws(TrustError) {
    self.masters = masters
    self.limits = limits
    self.clock = clock
    client = AuthorizedClient(
      client: MasterClient(
        tls: try trust.tlsConfiguration(), pins: trust.pins, connectTimeout: limits.connect,
        requestTimeout: limits.request, names: names, certificateEnds: certificateEnds),
      credentials: credentials, trust: trust, rhythm: rhythm)
    query = MasterQuery(client: client, limit: limits.request * 2)
  }

  /// About how many masters something is known.
  var knownMasters: Int { register.count }
  /// How many questions are on their way.
  var openQuestions: Int { questions.count }

  /// Makes a round: asks all masters that are known, and if these do not agree, those that they list.
  ///
  /// - Parameters:
  ///   - known: the masters' addresses as they are known from before; they are asked with the scheme and
  ///     port of the first one configured.
  ///   - learns: whether masters that are listed are asked as well; not where they cannot be reached by
  ///     these addresses.
  /// - Returns: what they said, those configured first.
  package func observe(known: [IPAddress] = [], learns: Bool = true) async -> ObservationRound {
    rounds += 1
    let number = rounds
    let first = limits.firstRound ?? limits.request * 3 / 2
    let limit = number == 1 ? first : limits.round ?? first
    let endpoints = endpoints(learns ? known : [])
    // Only if they are not needed: a recovered cluster has to be seen at once.
    let shelved = isAgreed ? endpoints.filter { register.isShelved($0, at: .now) } : []
    let start = RoundCourse(
      masters: endpoints, shelved: shelved, configured: masters, isKnown: !known.isEmpty,
      learns: learns)
    let (events, feed) = AsyncStream.makeStream(of: RoundCourse.Event.self)
    feeds[number] = feed
    let course = await withTaskGroup(of: Void.self) { group in
      func yield(_ event: RoundCourse.Event, after time: Duration) {
        group.addTask { [clock] in
          try? await clock.sleep(for: time)
          feed.yield(event)
        }
      }
      yield(.timeIsUp, after: limit)
      yield(.impatience, after: limits.grace)
      var course = start
      var move = course.begin(room: room)
      var iterator = events.makeAsyncIterator()
      while true {
        for master in move.asks { ask(master, isStranger: course.strangers.contains(master)) }
        if move.beginsGrace { yield(.graceIsOver, after: limits.grace) }
        // No more comes where this task is cancelled.
        guard !move.isOver, let event = await iterator.next(isolation: #isolation) else { break }
        move = course.note(event, room: room)
      }
      group.cancelAll()
      return course
    }
    feeds[number] = nil
    var round = end(course, isKnown: !known.isEmpty, after: limit)
    round.refusedRenewal = await client.refusedRenewal
    return round
  }

  /// Closes the connections; the observer is of no use afterwards.
  package func shutdown() async throws {
    for question in questions.values { question.cancel() }
    await client.shutdown()
  }

  private func endpoints(_ known: [IPAddress]) -> [MasterEndpoint] {
    let learned = known.prefix(MemberList.limit).compactMap { masters.first?.at($0) }
    var seen: Set<MasterEndpoint> = []
    return (masters + learned).filter { seen.insert($0).inserted }
  }

  /// How many strangers may be asked now, with those that are asked since earlier rounds.
  private var room: Int { RoundCourse.mostStrangersAtATime - strangers.count }

  private func ask(_ master: MasterEndpoint, isStranger: Bool) {
    guard let question = register.begin(master) else { return }
    if isStranger { strangers.insert(question) }
    questions[question] = Task {
      let report = await query.report(of: master, isStranger: isStranger)
      end(question, of: master, Task.isCancelled ? nil : report)
    }
  }

  private func end(_ question: Int, of master: MasterEndpoint, _ report: MasterReport?) {
    questions[question] = nil
    strangers.remove(question)
    let isAnswer = register.end(question, of: master, report, at: .now)
    let event = report.flatMap { isAnswer ? RoundCourse.Event.answered($0) : nil } ?? .ended
    for feed in feeds.values { feed.yield(event) }
  }

  /// What each master has said in this round, or else said last.
  private func end(
    _ course: RoundCourse, isKnown: Bool, after limit: Duration
  ) -> ObservationRound {
    var round = ObservationRound(reports: [], configured: masters, isKnown: isKnown)
    round.strangers = course.strangers
    for master in course.order {
      let last = register.use(master)
      if let report = course.answers[master] {
        round.reports.append(report)
      } else if let last {
        round.reports.append(last.report)
        if last.isRepeated { round.repeated.insert(master) }
      } else {
        let reason: ObservationError.Reason =
          Task.isCancelled ? .calledOff : course.isAgreed ? .notYet : .timedOut(after: limit)
        round.reports.append(MasterReport(master: master, unanswered: reason))
      }
    }
    for index in round.reports.indices {
      round.reports[index].certificateEnd = certificateEnds[round.reports[index].master]
    }
    register.forget(allBut: course.order)
    certificateEnds.forget(allBut: course.order)
    if case .success = Agreement.reached(in: round) { isAgreed = true } else { isAgreed = false }
    return round
  }
}

extension MasterReport {
  fileprivate init(master: MasterEndpoint, unanswered reason: ObservationError.Reason) {
    self.init(
      master: master,
      id: .failure(ObservationError(master: master, resource: .key, reason: reason)),
      members: .failure(
        ObservationError(master: master, resource: .exhibitorStatus, reason: reason)))
  }
}
