import DNSNames
package import Named
package import ReconcileModel

/// Asks named whether it serves what it should.
///
/// It changes nothing.
package struct NamedProbe: Sendable {
  let client: DNSClient
  let control: RemoteControl
  /// Called after each look.
  let progress: @Sendable () -> Void

  package init(
    client: DNSClient, control: RemoteControl, progress: @escaping @Sendable () -> Void = {}
  ) {
    self.client = client
    self.control = control
    self.progress = progress
  }

  /// How many questions are on their way at a time.
  private static let concurrency = 32

  /// One look at each expectation, side by side.
  package func look(at expectations: [Expectation]) async -> [Expectation: Verdict] {
    let verdicts = await concurrentMap(expectations, atMost: Self.concurrency) { expectation in
      (expectation, await verdict(on: expectation))
    }
    if !expectations.isEmpty { progress() }
    return Dictionary(verdicts) { $1 }
  }

  /// For how long rndc is not started again at most, while a zone is waited for.
  private static let longestRest = Duration.milliseconds(500)

  /// Looks until everything is served or the time is up; named loads a zone some moments after it
  /// has answered that the reload is queued.
  ///
  /// As long as the DNS shows the serial of the last look, rndc, which takes longer to start than all questions, is
  /// started only now and then.
  func wait(
    for expectations: [Expectation], within limit: Duration
  ) async -> [Expectation: Verdict] {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    var (pause, rest) = (Duration.milliseconds(5), Duration.milliseconds(20))
    var served = await servedSerials(of: expectations)
    var verdicts = await look(at: expectations)
    var looked = clock.now
    while clock.now < deadline {
      let missing = expectations.filter { verdicts[$0] != .served }
      if missing.isEmpty { break }
      do {
        try await clock.sleep(for: min(pause, clock.now.duration(to: deadline)))
      } catch {
        break
      }
      pause = min(pause * 2, .milliseconds(100))
      let seen = await servedSerials(of: missing)
      let (isDue, isOverdue) = (clock.now - looked >= rest, clock.now - looked >= Self.longestRest)
      let isLast = clock.now >= deadline
      let due = missing.filter { expectation in
        guard case .serial = expectation, !isLast else { return true }
        guard let before = served[expectation] else { return isDue }
        return seen[expectation] != before || isOverdue
      }
      if due.contains(where: { if case .serial = $0 { true } else { false } }) {
        (looked, rest) = (clock.now, min(rest * 2, Self.longestRest))
      }
      served.merge(seen) { $1 }
      verdicts.merge(await look(at: due)) { $1 }
    }
    return verdicts
  }

  /// The serials that zones are served with, where the DNS can show them.
  private func servedSerials(of expectations: [Expectation]) async -> [Expectation: SerialNumber] {
    let serials = await concurrentMap(
      expectations, atMost: Self.concurrency
    ) { expectation -> (Expectation, SerialNumber)? in
      guard case .serial(let zone, nil, _) = expectation,
        let answer = try? await client.ask(zone, .soa), answer.isAuthoritative,
        answer.hasAuthority(of: zone), let serial = answer.serial
      else { return nil }
      return (expectation, serial)
    }
    return Dictionary(serials.compactMap(\.self)) { $1 }
  }

  private func verdict(on expectation: Expectation) async -> Verdict {
    switch expectation {
    case .serial(let zone, let view, let expected):
      await serial(of: zone, in: view, expected: expected)
    case .alias(let owner, let target, _, _): await alias(owner, target)
    case .forwarded(let name, _): await forwarded(name)
    }
  }

  /// The control channel comes first: for an inline-signed zone the DNS shows the signed serial.
  private func serial(
    of zone: DomainName, in view: String?, expected: SerialNumber
  ) async -> Verdict {
    let name = zone.withoutTrailingDot
    do throws(RemoteControlError) {
      let status = try await control.zoneStatus(zone: zone, view: view)
      guard status.serial == expected else {
        return .notServed(
          """
          named has serial \(status.serial?.description ?? "none") of zone \(name) loaded, and \
          the file has \(expected): see named's log for why it did not load it
          """)
      }
      // From outside it is unknown which view answers this host.
      guard view == nil else { return .served }
      do throws(DNSError) {
        let answer = try await client.ask(zone, .soa)
        guard answer.isAuthoritative, answer.hasAuthority(of: zone), let served = answer.serial
        else {
          return .notServed("asked for the SOA of \(name), named answers \(answer.rcode)")
        }
        guard served == status.servedSerial else {
          return .notServed(
            """
            \(client.server) answers serial \(served) for zone \(name), named's control channel \
            says \(status.servedSerial?.description ?? "none"): are they the same named?
            """)
        }
        return .served
      } catch {
        return .notServed("\(error)")
      }
    } catch {
      return .notServed("\(error)")
    }
  }

  private func alias(_ owner: DomainName, _ target: DomainName) async -> Verdict {
    do throws(DNSError) {
      let answer = try await client.ask(owner, .dname)
      // The answer may also have the DNAME of a name above, which leads elsewhere.
      let targets = answer.records(of: .dname, at: owner).compactMap(\.target)
      if targets.contains(target) { return .served }
      let found = targets.first.map { "the target \($0)" } ?? "\(answer.rcode) and no DNAME"
      return .notServed("asked for the DNAME of \(owner), named answers \(found)")
    } catch {
      return .notServed("\(error)")
    }
  }

  private func forwarded(_ name: DomainName) async -> Verdict {
    do throws(DNSError) {
      let answer = try await client.ask(name, .soa, recursionDesired: true)
      guard answer.rcode == .noError, answer.hasAuthority(of: name) else {
        return .notServed(
          """
          asked for the SOA of \(name) through the forwarders, named answers \(answer.rcode)
          """)
      }
      return .served
    } catch {
      return .notServed("asked for \(name) through the forwarders: \(error)")
    }
  }
}
