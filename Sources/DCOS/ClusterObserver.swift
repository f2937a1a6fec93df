/// Asks a cluster's masters, side by side, who the cluster is and who its masters are.
package struct ClusterObserver: Sendable {
  private let masters: [MasterEndpoint]
  private let client: AuthorizedClient

  /// Makes an observer, which holds connections open until its `shutdown()`.
  package init(
    masters: [MasterEndpoint],
    trust: Trust,
    credentials: Credentials = .none,
    connectTimeout: Duration = .seconds(3),
    requestTimeout: Duration = .seconds(10)
  ) throws(TrustError) {
    self.masters = masters
    client = AuthorizedClient(
      client: MasterClient(
        tls: try trust.tlsConfiguration(),
        pins: trust.pins,
        connectTimeout: connectTimeout,
        requestTimeout: requestTimeout),
      credentials: credentials, trust: trust)
  }

  /// One report a master, in the order in which the masters were given.
  package func observe() async -> [MasterReport] {
    await withTaskGroup(of: (Int, MasterReport).self) { group in
      for (index, master) in masters.enumerated() {
        group.addTask { (index, await report(of: master)) }
      }
      var reports: [(Int, MasterReport)] = []
      for await report in group {
        reports.append(report)
      }
      return reports.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Closes the connections; the observer is of no use afterwards.
  package func shutdown() async throws {
    try await client.shutdown()
  }

  private func report(of master: MasterEndpoint) async -> MasterReport {
    async let id = self.id(from: master)
    async let members = self.members(from: master)
    return await MasterReport(master: master, id: id, members: members)
  }

  private func id(from master: MasterEndpoint) async -> Result<ClusterID, ObservationFailure> {
    do throws(ObservationFailure.Reason) {
      let body = try await client.body(of: .key, from: master)
      return .success(try KeyAnswer.clusterID(in: body))
    } catch {
      return .failure(ObservationFailure(master: master, resource: .key, reason: error))
    }
  }

  private func members(from master: MasterEndpoint) async -> Result<MemberList, ObservationFailure>
  {
    let exhibitor: ObservationFailure.Reason
    do throws(ObservationFailure.Reason) {
      let body = try await client.body(of: .exhibitorStatus, from: master)
      let addresses = try ExhibitorAnswer.addresses(in: body)
      return .success(MemberList(source: .exhibitor, addresses: addresses))
    } catch {
      exhibitor = error
    }
    guard exhibitor.leavesTheQuestionOpen else {
      return .failure(
        ObservationFailure(master: master, resource: .exhibitorStatus, reason: exhibitor))
    }
    do throws(ObservationFailure.Reason) {
      let body = try await client.body(of: .mesosDNSMasters, from: master)
      let addresses = try MesosDNSAnswer.addresses(in: body)
      return .success(MemberList(source: .mesosDNS, addresses: addresses))
    } catch {
      return .failure(
        ObservationFailure(
          master: master, resource: .exhibitorStatus, reason: exhibitor,
          fallback: .init(resource: .mesosDNSMasters, reason: error)))
    }
  }
}

extension ObservationFailure.Reason {
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
