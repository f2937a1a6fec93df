package import DNSNames
import Synchronization

/// Asks a cluster's masters, side by side, who the cluster is and who its masters are.
package final class ClusterObserver: Sendable {
  private let masters: [MasterEndpoint]
  private let client: AuthorizedClient
  private let patience: Mutex<[MasterEndpoint: MasterPatience]> = Mutex([:])
  /// For how long a round goes on once the masters agree, for those that are slower.
  private let grace: Duration

  /// Makes an observer, which holds connections open until its `shutdown()`.
  package init(
    masters: [MasterEndpoint],
    trust: Trust,
    credentials: Credentials = .none,
    connectTimeout: Duration = .seconds(3),
    requestTimeout: Duration = .seconds(10),
    grace: Duration = .seconds(1)
  ) throws(TrustError) {
    self.masters = masters
    self.grace = grace
    client = AuthorizedClient(
      client: MasterClient(
        tls: try trust.tlsConfiguration(),
        pins: trust.pins,
        connectTimeout: connectTimeout,
        requestTimeout: requestTimeout),
      credentials: credentials, trust: trust)
  }

  /// Asks all masters that are known, and those that they list and that have not been asked yet.
  ///
  /// - Parameters:
  ///   - known: the masters' addresses as they are known from before; they are asked with the scheme and
  ///     port of the first one configured.
  ///   - learns: whether masters that are listed are asked as well; not where they cannot be reached by
  ///     these addresses.
  /// - Returns: what they said, those configured first.
  package func observe(known: [IPAddress] = [], learns: Bool = true) async -> ObservationRound {
    var round = ObservationRound(reports: [], configured: masters, isKnown: !known.isEmpty)
    await ask(masters + (learns ? endpoints(of: known) : []), in: &round)
    // A list names masters that nobody has asked so far.
    let listed = Set(round.reports.compactMap { try? $0.members.get().addresses }.joined())
    if learns, case .failure = Agreement.reached(in: round) {
      await ask(endpoints(of: listed.sorted()), areStrangers: true, in: &round)
    }
    return round
  }

  private func endpoints(of addresses: [IPAddress]) -> [MasterEndpoint] {
    guard let first = masters.first else { return [] }
    return addresses.map { first.at($0) }
  }

  private func ask(
    _ endpoints: [MasterEndpoint], areStrangers: Bool = false, in round: inout ObservationRound
  ) async {
    var asked = Set(round.reports.map(\.master))
    let endpoints = endpoints.filter { asked.insert($0).inserted }
    let before = round
    var reports: [MasterEndpoint: MasterReport] = [:]
    await withTaskGroup(of: MasterReport?.self) { group in
      for master in endpoints {
        group.addTask { await self.report(of: master, isStranger: areStrangers) }
      }
      var isAgreed = false
      for await report in group {
        guard let report else {
          group.cancelAll()
          continue
        }
        reports[report.master] = report
        if reports.count == endpoints.count { group.cancelAll() }
        guard !isAgreed, reports.count < endpoints.count else { continue }
        var sofar = before
        sofar.reports += reports.values
        guard case .success = Agreement.reached(in: sofar) else { continue }
        // One that hangs does not keep the others waiting.
        isAgreed = true
        group.addTask { [grace] in
          try? await Task.sleep(for: grace)
          return nil
        }
      }
    }
    round.reports += endpoints.compactMap { reports[$0] }
  }

  /// Closes the connections; the observer is of no use afterwards.
  package func shutdown() async throws {
    await client.shutdown()
  }

  /// What a master says; of one that has failed for a while, what it said when it was last asked.
  private func report(of master: MasterEndpoint, isStranger: Bool) async -> MasterReport {
    let now = ContinuousClock.now
    if let last = patience.withLock({ $0[master]?.report(at: now) }) { return last }
    // One after the other, over one connection.
    let id = await self.id(from: master, isStranger)
    let members = await self.members(from: master, isStranger)
    let report = MasterReport(master: master, id: id, members: members)
    patience.withLock { $0[master, default: MasterPatience()].note(report, at: .now) }
    return report
  }

  private func id(
    from master: MasterEndpoint, _ isStranger: Bool
  ) async -> Result<ClusterID, ObservationError> {
    do throws(ObservationError.Reason) {
      let body = try await client.body(of: .key, from: master, isStranger: isStranger)
      return .success(try KeyAnswer.clusterID(in: body))
    } catch {
      return .failure(ObservationError(master: master, resource: .key, reason: error))
    }
  }

  private func members(
    from master: MasterEndpoint, _ isStranger: Bool
  ) async -> Result<MemberList, ObservationError> {
    let exhibitor: ObservationError.Reason
    do throws(ObservationError.Reason) {
      let body = try await client.body(of: .exhibitorStatus, from: master, isStranger: isStranger)
      let addresses = try ExhibitorAnswer.addresses(in: body)
      return .success(MemberList(source: .exhibitor, addresses: addresses))
    } catch {
      exhibitor = error
    }
    guard exhibitor.leavesTheQuestionOpen else {
      return .failure(
        ObservationError(master: master, resource: .exhibitorStatus, reason: exhibitor))
    }
    do throws(ObservationError.Reason) {
      let body = try await client.body(of: .mesosDNSMasters, from: master, isStranger: isStranger)
      let addresses = try MesosDNSAnswer.addresses(in: body)
      return .success(MemberList(source: .mesosDNS, addresses: addresses))
    } catch {
      return .failure(
        ObservationError(
          master: master, resource: .exhibitorStatus, reason: exhibitor,
          fallback: .init(resource: .mesosDNSMasters, reason: error)))
    }
  }
}

extension ObservationError.Reason {
  /// Whether Exhibitor said nothing at all, so that mesos-dns may be asked in its stead.
  ///
  /// Exhibitor tells who the masters are, mesos-dns which of them are alive. Where Exhibitor's path is
  /// absent, barred or without a service behind it, mesos-dns is the best there is. Where Exhibitor
  /// does answer but with no usable list, that is news about the cluster: an ensemble that is
  /// forming lists nobody, and mesos-dns would then fill in a part of the masters as if it were all
  /// of them. Names instead of addresses, or a page of something else, are for an operator to put
  /// right, not to be covered up. And where the host cannot be reached, or sends us elsewhere,
  /// the second path would only fail in the same way.
  fileprivate var leavesTheQuestionOpen: Bool {
    switch self {
    case .loginRequired, .forbidden, .noSuchPath, .backEndDown, .unexpectedStatus, .timedOut,
      .cutShort:
      true
    case .login, .unreachable, .tls, .notHTTP, .calledOff, .redirected, .keyNotYetThere, .tooLarge,
      .htmlPage,
      .truncatedJSON, .notJSON, .unexpectedJSON, .notAnID, .emptyList, .emptyHost, .notAnAddress:
      false
    }
  }
}
