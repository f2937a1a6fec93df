import DNSNames
import Named
import ReconcileModel

/// Sends the changes of dynamic zones.
struct UpdateSender {
  let updates: [ZoneUpdate]
  let tools: NamedTools

  /// Sends all changes.
  ///
  /// - Returns: what was sent, and the aliases that were not changed, with the reason.
  func sendAll() async -> (sent: [ZoneUpdate], failures: [DomainName: Problem]) {
    var sent: [ZoneUpdate] = []
    var problems: [DomainName: Problem] = [:]
    for update in updates {
      let failures = await send(update)
      if !failures.contains(where: { $0.1 is MissingToolError }) { sent.append(update) }
      for (owner, error) in failures {
        let zone = update.zone.withoutTrailingDot
        problems[owner] = Problem(
          .failed, .alias(owner), error, at: "it was not changed in the dynamic zone \(zone)")
      }
    }
    return (sent, problems)
  }

  /// Sends the changes of a dynamic zone, all in one message.
  ///
  /// If named refuses it, its policy may allow some names and not others: then they are sent one at a time.
  private func send(_ update: ZoneUpdate) async -> [(DomainName, any OperatorError)] {
    let client: UpdateClient
    do throws(MissingToolError) {
      client = UpdateClient(tool: try tools.nsupdate.get(), server: update.server)
    } catch {
      return update.parts.map { ($0.owner, error) }
    }
    do throws(UpdateError) {
      try await client.send(update.message, key: update.key)
      return []
    } catch .refused where update.parts.count > 1 {
      var failures: [(DomainName, any OperatorError)] = []
      for part in update.parts {
        do throws(UpdateError) {
          try await client.send(part.message, key: update.key)
        } catch {
          failures.append((part.owner, error))
        }
      }
      return failures
    } catch {
      return update.parts.map { ($0.owner, error) }
    }
  }

  /// The updates that named has accepted.
  func updated(besides failures: [DomainName: Problem]) -> [ZoneUpdate] {
    updates.map { update in
      var update = update
      update.parts.removeAll { failures[$0.owner] != nil }
      return update
    }
  }

  /// Reverts aliases of a dynamic zone.
  func takeBack(_ parts: [AliasUpdate], of update: ZoneUpdate) async -> [Problem] {
    guard !parts.isEmpty else { return [] }
    var update = update
    update.parts = parts.map(\.inverse)
    return await send(update).map { owner, error in
      Problem(.failed, .alias(owner), error, at: "reverting it in \(update.zone) failed as well")
    }
  }
}
