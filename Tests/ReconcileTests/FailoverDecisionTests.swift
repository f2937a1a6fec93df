import DNSNames
import ReconcileModel
import Testing

@testable import Planning

@Suite("Where an alias leads that follows health", .timeLimit(.minutes(1)))
struct FailoverDecisionTests {
  /// An alias of two clusters or three, pass by pass.
  ///
  /// What is seen of the clusters is a letter each, in their order: `h`ealthy, `i`ll, and `?` for what is not known.
  struct Story {
    static let names = ["blue", "green", "red"]

    var rules: Failover
    var standing: String?
    var memory: FailoverMemory?
    var now: Int64 = 1_000_000
    var accepted: Set<String> = []
    /// Whether what is decided is carried out.
    var isCarriedOut = true
    private(set) var decisions: [FailoverDecision] = []

    init(_ count: Int = 2, standing: String? = "blue", after: Int64 = 90, back: Int64? = nil) {
      rules = Failover(Array(Self.names.prefix(count)), after: after, back: back)
      self.standing = standing
    }

    /// Makes passes one after the other, 30 seconds apart.
    mutating func pass(
      _ seen: String..., every interval: Int64 = 30, startsAfresh: Bool = false
    ) -> FailoverDecision {
      var decision = FailoverDecision.stays(at: "nowhere")
      for seen in seen {
        var input = FailoverDecision.Input(
          seen: Dictionary(zip(Self.names, seen.map(Self.health))) { $1 }, standing: standing,
          memory: memory, now: now)
        input.accepted = accepted
        input.startsAfresh = startsAfresh
        (decision, memory) = FailoverDecision.of(input, rules: rules)
        if isCarriedOut { standing = decision.cluster }
        now += interval
      }
      return decision
    }

    private static func health(_ letter: Character) -> ClusterHealth {
      switch letter {
      case "h": .healthy
      case "i": .ill(Chain.Why("no answer"))
      default: .unknown(Chain.Why("not known"))
      }
    }
  }

  /// What is seen pass by pass from the beginning, and where the alias leads after the last one.
  struct Row: Sendable, CustomTestStringConvertible {
    let given: String
    let passes: [String]
    let leads: String
    var back: Int64?
    var standing = "blue"
    var after: Int64 = 90

    var testDescription: String { given }
  }

  @Test(
    "given → where the alias leads",
    arguments: [
      Row(given: "all is well", passes: ["hh", "hh", "hh", "hh"], leads: "blue"),
      Row(given: "one failed check", passes: ["hh", "hh", "ih"], leads: "blue"),
      Row(given: "ill, and not for long enough", passes: ["hh", "ih", "ih", "ih"], leads: "blue"),
      Row(given: "ill for long enough", passes: ["hh", "ih", "ih", "ih", "ih"], leads: "green"),
      Row(given: "ill from the first pass on", passes: ["ih", "ih", "ih", "ih"], leads: "green"),
      Row(given: "a good answer between", passes: ["ih", "ih", "ih", "hh", "ih"], leads: "blue"),
      Row(given: "nothing known between", passes: ["ih", "ih", "ih", "?h", "ih"], leads: "blue"),
      Row(
        given: "its masters disagree, for ever", passes: Array(repeating: "?h", count: 50),
        leads: "blue"),
      Row(given: "all are ill", passes: Array(repeating: "ii", count: 50), leads: "blue"),
      Row(
        given: "the standby's list is doubted", passes: Array(repeating: "i?", count: 50),
        leads: "blue"),
      Row(
        given: "nothing is known of any", passes: Array(repeating: "??", count: 50), leads: "blue"),
      // While no other one answers it may be our own network: what lasts then does not count.
      Row(
        given: "the standby has just come back",
        passes: Array(repeating: "ii", count: 9) + ["ih", "ih"], leads: "blue"),
      Row(
        given: "the standby is back, and this one is not",
        passes: Array(repeating: "ii", count: 9) + ["ih", "ih", "ih", "ih"], leads: "green"),
      Row(
        given: "the standby comes and goes",
        passes: Array(repeating: ["ih", "ii"], count: 20).flatMap(\.self),
        leads: "blue"),
      Row(
        given: "short times want three passes all the same", passes: ["ih", "ih"], leads: "blue",
        after: 1),
      Row(given: "the third of them", passes: ["ih", "ih", "ih"], leads: "green", after: 1),
      Row(
        given: "the preferred one is healthy again, and nothing has it return",
        passes: Array(repeating: "hh", count: 500), leads: "green", standing: "green"),
      Row(
        given: "it is healthy again, and not for long enough",
        passes: Array(repeating: "hh", count: 20), leads: "green", back: 600, standing: "green"),
      Row(
        given: "it has been healthy for long enough", passes: Array(repeating: "hh", count: 21),
        leads: "blue", back: 600, standing: "green"),
      Row(
        given: "its health was broken",
        passes: Array(repeating: "hh", count: 15) + ["?h"] + Array(repeating: "hh", count: 15),
        leads: "green", back: 600, standing: "green"),
      Row(
        given: "the second of three is ill, and the first is not known",
        passes: ["hhh", "?ih", "?ih", "?ih", "?ih"], leads: "red", standing: "green"),
      Row(
        given: "both before the third are healthy", passes: Array(repeating: "hhi", count: 4),
        leads: "blue", standing: "red"),
    ])
  func table(_ row: Row) {
    let count = row.passes.first?.count ?? 2
    var story = Story(count, standing: row.standing, after: row.after, back: row.back)
    var decision = FailoverDecision.stays(at: row.standing)
    for (index, seen) in row.passes.enumerated() {
      decision = story.pass(seen)
      if index + 1 < row.passes.count {
        #expect(decision == .stays(at: row.standing), "pass \(index + 1)")
      }
    }
    #expect(decision.cluster == row.leads)
  }

  // MARK: Where it begins

  @Test(
    "an alias that is not written yet → the preferred cluster, until another one has shown that it is healthy"
  )
  func begins() {
    var story = Story(standing: nil)
    story.isCarriedOut = false
    #expect(story.pass("??") == .begins(at: "blue"))
    #expect(story.pass("ih") == .begins(at: "blue"))
    #expect(story.pass("ih") == .begins(at: "green"))
    #expect(story.pass("hh", "hh") == .begins(at: "blue"))
  }

  @Test("the state is lost → the alias stays where its DNAME leads, whatever is preferred")
  func lost() {
    var story = Story(standing: "green")
    #expect(story.pass("hh", "hh", "hh") == .stays(at: "green"))
    story.memory = nil
    #expect(story.pass("hi") == .stays(at: "green"))
  }

  @Test("the DNAME cannot be read for once → where it was last seen to lead")
  func unread() {
    var story = Story(standing: "green")
    _ = story.pass("hh")
    story.standing = nil
    #expect(story.pass("hh") == .stays(at: "green"))
  }

  // MARK: Gaps, starts and clocks

  @Test("an agent has just been started → what was counted before it counts no more")
  func start() {
    var story = Story()
    #expect(story.pass("ih", "ih", "ih") == .stays(at: "blue"))
    #expect(story.pass("ih", startsAfresh: true) == .stays(at: "blue"))
    #expect(story.pass("ih", "ih") == .stays(at: "blue"))
    #expect(story.pass("ih").cluster == "green")
  }

  @Test(
    "the clock jumps → no move by it",
    arguments: [601, 86_400, 400_000_000, -1, -86_400] as [Int64])
  func jump(by seconds: Int64) {
    var story = Story(back: 600)
    #expect(story.pass("ih", "ih", "ih") == .stays(at: "blue"))
    story.now += seconds - 30
    #expect(story.pass("ih", "ih", "ih") == .stays(at: "blue"))
  }

  @Test("the clock jumps by less than counts as a gap → half of what is waited for, at most")
  func smallJump() {
    var story = Story()
    _ = story.pass("ih")
    story.now += 500
    #expect(story.pass("ih") == .stays(at: "blue"))
    #expect(story.pass("ih") == .stays(at: "blue"))
    #expect(story.pass("ih").cluster == "green")
  }

  @Test("the clock is set back after a move → the hour starts again, and does not last for ever")
  func putBack() {
    var story = Story()
    _ = story.pass("ih", "ih", "ih", "ih", "hh")
    #expect(story.memory?.lastMove == 1_000_090)
    story.now = 5_000
    _ = story.pass("hi")
    #expect(story.memory?.lastMove == 5_000)
  }

  // MARK: The hour

  @Test("the other one falls ill within the hour → held, and told until when; then it moves")
  func hour() {
    var story = Story()
    #expect(story.pass("ih", "ih", "ih", "ih").cluster == "green")
    let last = story.now - 30
    guard
      case .held(at: "green", to: "blue", .illness("green", 90, _), let until) =
        story.pass("hi", "hi", "hi", "hi")
    else {
      Issue.record("not held")
      return
    }
    #expect(until == last + 3600)
    while story.now < until {
      let decision = story.pass("hi")
      #expect(decision.cluster == "green")
    }
    #expect(story.pass("hi").cluster == "blue")
    #expect(story.memory?.moves == 1)
    _ = story.pass("hh")
    #expect(story.memory?.moves == 2)
  }

  @Test("an operator lets it through → within the hour as well")
  func accepted() {
    var story = Story()
    _ = story.pass("ih", "ih", "ih", "ih", "hi", "hi", "hi")
    story.accepted = ["green"]
    #expect(story.pass("hi").cluster == "green")
    story.accepted = ["blue"]
    #expect(story.pass("hi").cluster == "blue")
  }

  @Test("a move that is not carried out → it is due again, and no move was made")
  func heldElsewhere() {
    var story = Story()
    story.isCarriedOut = false
    #expect(story.pass("ih", "ih", "ih", "ih").cluster == "green")
    #expect(story.pass("ih").cluster == "green")
    #expect(story.memory?.moves == 0 && story.memory?.lastMove == nil)
    #expect(story.pass("hh") == .stays(at: "blue"))
    #expect(story.memory?.move == nil)
  }

  @Test("somebody else leads the alias elsewhere → it is recorded, and counts as no move of ours")
  func foreignMove() {
    var story = Story()
    _ = story.pass("hh", "hh")
    story.standing = "green"
    #expect(story.pass("hh") == .stays(at: "green"))
    #expect(story.memory?.moves == 1 && story.memory?.lastMove == nil)
    #expect(story.memory?.since == 1_000_060)
  }

  // MARK: An operator's choice

  @Test("a choice → there at once, and there it stays whatever the health")
  func choice() {
    var story = Story(back: 600)
    _ = story.pass("hh", "hh")
    story.memory = story.memory?.chosen(.init("green"))
    #expect(story.pass("hh") == .moves(from: "blue", to: "green", .choice(of: "green")))
    for _ in 0..<50 {
      #expect(story.pass("hi") == .stays(at: "green"))
    }
    #expect(story.memory?.lastMove == nil)
  }

  @Test("the choice is taken back → the first cluster that is healthy, at once and within the hour")
  func release() {
    var story = Story()
    _ = story.pass("ih", "ih", "ih", "ih", "hh", "hh")
    story.memory = story.memory?.chosen(.init("green"))
    #expect(story.pass("hh") == .stays(at: "green"))
    story.memory = story.memory?.chosen(nil)
    #expect(story.pass("hh") == .moves(from: "green", to: "blue", .choiceEnded))
    #expect(story.pass("hh") == .stays(at: "blue"))
    #expect(story.memory?.isReturning == false)
  }

  @Test(
    "it is taken back while the preferred one is ill → it stays, and does not return at the first good answer"
  )
  func releaseWhileIll() {
    var story = Story(standing: "green")
    _ = story.pass("ih", "ih")
    story.memory = story.memory?.chosen(.init("green"))
    _ = story.pass("ih")
    story.memory = story.memory?.chosen(nil)
    #expect(story.pass("ih") == .stays(at: "green"))
    #expect(story.pass("hh", "hh", "hh") == .stays(at: "green"))
  }

  @Test("nobody made a choice → there is nothing to take back")
  func noChoice() {
    var story = Story(standing: "green")
    _ = story.pass("hh", "hh", "hh")
    story.memory = story.memory?.chosen(nil)
    #expect(story.pass("hh") == .stays(at: "green"))
  }

  @Test("a choice with an end → it ends then as if it were taken back")
  func limitedChoice() {
    var story = Story()
    _ = story.pass("hh", "hh")
    story.memory = story.memory?.chosen(.init("green", until: story.now + 60))
    #expect(story.pass("hh").cluster == "green")
    #expect(story.pass("hh") == .stays(at: "green"))
    #expect(story.pass("hh") == .moves(from: "green", to: "blue", .choiceEnded))
    #expect(story.memory?.choice == nil)
  }

  @Test("the configuration has the chosen cluster no more → the choice is forgotten")
  func obsoleteChoice() {
    var story = Story(3)
    _ = story.pass("hhh")
    story.memory = story.memory?.chosen(.init("red"))
    story.rules.clusters = ["blue", "green"]
    #expect(story.pass("hh") == .stays(at: "blue"))
    #expect(story.memory?.choice == nil)
  }

  // MARK: When the next pass is wanted

  @Test(
    "the present cluster is ill → the next pass is wanted when the alias may move, and not sooner once it might have"
  )
  func wait() throws {
    var story = Story(after: 100)
    func wait(_ seen: String) throws -> Int64? {
      let decision = story.pass(seen)
      return FailoverCourse(
        try DomainName("web.contoso.com"), rules: story.rules, sights: [:], decision: decision,
        memory: try #require(story.memory), before: nil
      ).wait
    }
    #expect(try wait("hh") == nil)
    #expect(try wait("ih") == nil)
    #expect(try wait("ih") == 70)
    #expect(try wait("ih") == 40)
    #expect(try wait("ih") == 10)
    // Whatever keeps it from there on is no reason to ask each second.
    story.isCarriedOut = false
    #expect(try wait("ih") == nil)
    #expect(try wait("ih") == nil)
    #expect(try wait("?h") == nil)
  }

  // MARK: What is made of sights

  @Test(
    "links of a cluster → healthy where all hold, ill where clients get no answer, else not known")
  func health() {
    let why = Chain.Why("x")
    func health(
      _ masters: Chain.State, _ forwarders: Chain.State, _ zone: Chain.State, _ probe: Chain.State
    ) -> ClusterHealth {
      ClusterSight(masters: masters, forwarders: forwarders, forwardZone: zone, probe: probe).health
    }
    #expect(health(.holds, .holds, .holds, .holds) == .healthy)
    // All dead; DNS alone; the service alone.
    #expect(health(.broken(why), .broken(why), .broken(why), .unknown(why)) == .ill(why))
    #expect(health(.holds, .broken(why), .broken(why), .unknown(why)) == .ill(why))
    #expect(health(.holds, .holds, .holds, .broken(why)) == .ill(why))
    // HTTP alone: clients are answered.
    #expect(health(.broken(why), .holds, .holds, .holds) == .unknown(why))
    // Masters that disagree, or are doubted, whatever DNS says.
    #expect(health(.unknown(why), .broken(why), .broken(why), .broken(why)) == .unknown(why))
    #expect(health(.unknown(why), .holds, .holds, .holds) == .unknown(why))
    // named gets through, and this host does not.
    #expect(health(.holds, .broken(why), .holds, .unknown(why)) == .unknown(why))
    #expect(health(.holds, .unknown(why), .unknown(why), .unknown(why)) == .unknown(why))
  }
}
