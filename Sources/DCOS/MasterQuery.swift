/// What one master is asked in a round: who the cluster is, and who its masters are.
struct MasterQuery: Sendable {
  let client: AuthorizedClient
  /// For each of its parts, with repetitions and the login before it: a master that makes us start again and again
  /// cannot hold us for ever.
  let limit: Duration

  /// Asks one after the other, over one connection.
  ///
  /// - Parameters:
  ///   - master: who is asked.
  ///   - isStranger: whether a single master named it.
  /// - Returns: what it said.
  func report(of master: MasterEndpoint, isStranger: Bool) async -> MasterReport {
    let id = await id(from: master, isStranger)
    let members = await members(from: master, isStranger)
    return MasterReport(master: master, id: id, members: members)
  }

  private func id(
    from master: MasterEndpoint, _ isStranger: Bool
  ) async -> Result<ClusterID, ObservationError> {
    do throws(ObservationError.Reason) {
      return .success(
        try KeyAnswer.clusterID(in: try await answer(about: .key, master, isStranger).body))
    } catch {
      return .failure(ObservationError(master: master, resource: .key, reason: error))
    }
  }

  private func members(
    from master: MasterEndpoint, _ isStranger: Bool
  ) async -> Result<MemberList, ObservationError> {
    let exhibitor: ObservationError.Reason
    do throws(ObservationError.Reason) {
      let answer = try await answer(about: .exhibitorStatus, master, isStranger)
      let addresses = try ExhibitorAnswer.addresses(in: answer.body)
      try MemberList.expectReachable(addresses, from: answer.address)
      return .success(MemberList(source: .exhibitor, addresses: addresses))
    } catch {
      exhibitor = error
    }
    guard exhibitor.leavesTheQuestionOpen else {
      return .failure(
        ObservationError(master: master, resource: .exhibitorStatus, reason: exhibitor))
    }
    do throws(ObservationError.Reason) {
      let answer = try await answer(about: .mesosDNSMasters, master, isStranger)
      let addresses = try MesosDNSAnswer.addresses(in: answer.body)
      try MemberList.expectReachable(addresses, from: answer.address)
      return .success(MemberList(source: .mesosDNS, addresses: addresses))
    } catch {
      return .failure(
        ObservationError(
          master: master, resource: .exhibitorStatus, reason: exhibitor,
          fallback: .init(resource: .mesosDNSMasters, reason: error)))
    }
  }

  private func answer(
    about resource: Resource, _ master: MasterEndpoint, _ isStranger: Bool
  ) async throws(ObservationError.Reason) -> MasterAnswer {
    do {
      return try await withDeadline(limit) { [client] in
        try await client.answer(about: resource, from: master, isStranger: isStranger)
      }
    } catch let reason as ObservationError.Reason {
      throw reason
    } catch is DeadlineExceeded {
      throw .timedOut(after: limit)
    } catch {
      throw .calledOff
    }
  }
}

extension ObservationError.Reason {
  /// Whether Exhibitor said nothing at all, so that mesos-dns may be asked in its stead.
  ///
  /// Exhibitor tells who the masters are, mesos-dns which of them are alive. Where Exhibitor's path is absent, barred
  /// or without a service behind it, mesos-dns is the best there is. Where Exhibitor does answer but with no usable
  /// list, that is news about the cluster: an ensemble that is forming lists nobody, and mesos-dns would then fill in a
  /// part of the masters as if it were all of them. Names instead of addresses, or a page of something else, are for an
  /// operator to fix, and must not be covered up. And where the host cannot be reached, or sends us elsewhere, the
  /// second path would only fail in the same way.
  fileprivate var leavesTheQuestionOpen: Bool {
    switch self {
    case .loginRequired, .forbidden, .noSuchPath, .backEndDown, .unexpectedStatus, .timedOut,
      .cutShort:
      true
    case .login, .unreachable, .tls, .notHTTP, .calledOff, .notYet, .redirected, .keyNotYetThere,
      .tooLarge, .htmlPage, .truncatedJSON, .notJSON, .unexpectedJSON, .notAnID, .emptyList,
      .longList, .emptyHost, .notAnAddress, .unreachableMember:
      false
    }
  }
}
