import BINDText
import DNSNames
import ReconcileModel

// What named does not send to the masters.
extension ForwardingObstacles {
  func serverObstacles(
    _ path: ForwardingPath, _ view: String?
  ) -> [ForwardingObstacle] {
    [blackhole(path)].compactMap(\.self) + serverStatements(path, view)
  }

  private func blackhole(
    _ path: ForwardingPath
  ) -> ForwardingObstacle? {
    guard let blackhole = tree.setting("blackhole", in: nil) else { return nil }
    let barred = path.forwarders.filter {
      matcher.verdict(of: blackhole.clause.list, on: $0) == .accepted
    }
    guard let first = barred.first else { return nil }
    return ForwardingObstacle(
      .blackhole, weight(of: barred, path), at: blackhole.location,
      "\(blackhole.clause) contains \(masters(barred, path)): named sends them no question",
      remedy:
        "Put !\(first); first in blackhole { … }\(barred.count > 1 ? ", and so the others" : "")")
  }

  /// The `server` statement with the longest prefix counts for an address; those of a view replace all outside of it
  /// (named.conf(5)).
  private func serverStatements(_ path: ForwardingPath, _ view: String?) -> [ForwardingObstacle] {
    let own = view.map { tree.clauses("server", ofView: $0) } ?? []
    let placed = (own.isEmpty ? servers : own).compactMap { server in
      server.clause.value.flatMap { AddressPrefix($0) }.map { (prefix: $0, server) }
    }.sorted { $0.prefix.length > $1.prefix.length }
    return placed.compactMap { prefix, server -> ForwardingObstacle? in
      let affected = path.forwarders.filter { address in
        placed.first { $0.prefix.contains(address) }?.prefix == prefix
      }
      guard let first = affected.first else { return nil }
      let statement = "server \(server.clause.value ?? "")"
      if server.clause.list("bogus").last?.isYes == true {
        return ForwardingObstacle(
          .bogusServer, weight(of: affected, path), at: server.location,
          "\(statement) { bogus yes; } covers \(masters(affected, path)): named sends them no question",
          remedy: "Remove bogus yes, or add server \(first) { bogus no; };")
      }
      if !server.clause.list("keys").isEmpty {
        return ForwardingObstacle(
          .signedServer, .possible, at: server.location,
          """
          \(statement) has keys: named signs what it sends to \(masters(affected, path)), and masters do not have such \
          a key
          """,
          remedy: "Give the masters a server statement of their own, without keys")
      }
      return nil
    }
  }

  private func weight(
    of affected: [IPAddress], _ path: ForwardingPath
  ) -> ForwardingObstacle.Weight {
    affected.count == path.forwarders.count ? .certain : .partial
  }

  private func masters(_ affected: [IPAddress], _ path: ForwardingPath) -> String {
    affected.count == path.forwarders.count
      ? "all masters of \(path.cluster) (\(affected.list))"
      : "\(affected.list) of \(path.cluster)'s masters"
  }
}
