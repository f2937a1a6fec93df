package import DNSNames
package import Named
package import ReconcileModel

/// Asks named whether it serves what it should.
///
/// It changes nothing.
package struct NamedProbe: Sendable {
  let client: DNSClient
  let control: RemoteControl
  /// Zones outside of views whose SOA has in the DNS the serial of their file: those that named does not sign.
  let unsigned: Set<DomainName>
  /// Called after each look.
  let progress: @Sendable () -> Void

  package init(
    client: DNSClient, control: RemoteControl, unsigned: Set<DomainName> = [],
    progress: @escaping @Sendable () -> Void = {}
  ) {
    self.client = client
    self.control = control
    self.unsigned = unsigned
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
    var verdicts = await look(at: expectations.filter { !isStillLoading($0, served[$0]) })
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
    let unseen = expectations.filter { verdicts[$0] == nil }
    if !unseen.isEmpty { verdicts.merge(await look(at: unseen)) { $1 } }
    return verdicts
  }

  /// Whether the DNS shows that named has not loaded a zone yet, as in the moments after a reload.
  private func isStillLoading(_ expectation: Expectation, _ served: SerialNumber?) -> Bool {
    guard case .serial(let zone, nil, let expected) = expectation, unsigned.contains(zone),
      let served
    else { return false }
    return served != expected
  }

  /// The serials that zones are served with, where the DNS can show them.
  private func servedSerials(of expectations: [Expectation]) async -> [Expectation: SerialNumber] {
    let serials = await concurrentMap(
      expectations, atMost: Self.concurrency
    ) { expectation -> (Expectation, SerialNumber)? in
      guard case .serial(let zone, nil, _) = expectation,
        let serial = await servedSerial(of: zone)
      else { return nil }
      return (expectation, serial)
    }
    return Dictionary(serials.compactMap(\.self)) { $1 }
  }

  /// The serial in an authoritative answer; nil if there is no such answer.
  private func servedSerial(of zone: DomainName) async -> SerialNumber? {
    guard let answer = try? await client.ask(zone, .soa), answer.isAuthoritative,
      answer.hasAuthority(of: zone)
    else { return nil }
    return answer.serial
  }

  private func verdict(on expectation: Expectation) async -> Verdict {
    switch expectation {
    case .serial(let zone, let view, let expected):
      await serial(of: zone, in: view, expected: expected)
    case .alias(let owner, let target, _, _): await alias(owner, target)
    case .forwarded(let name, _): await forwarded(name)
    }
  }

  /// Where named signs the zone, or its serial is another one, the control channel is asked as well: the DNS shows the
  /// serial of the signed zone.
  private func serial(
    of zone: DomainName, in view: String?, expected: SerialNumber
  ) async -> Verdict {
    if view == nil, unsigned.contains(zone), await servedSerial(of: zone) == expected {
      return .served
    }
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
