import DNSNames
import Named
import ReconcileModel

extension NamedProbe: ServedProbe {
  func objection(to plan: Plan, on actual: ActualState) async -> Objection? {
    guard case .success(let status)? = actual.named else { return nil }
    if let other = actual.foreignConfiguration(of: status) {
      return Objection(
        """
        the named that answers on the control channel reads \(other), and not \
        \(actual.bind.namedConf)
        """,
        remedy: """
          Set bind.rndc to the control channel of the right named, or bind.named-conf to the file that \
          it reads
          """)
    }
    guard !plan.files.isEmpty else { return nil }
    return await objection(to: actual.servedZones(changedBy: plan))
  }

  /// What is wrong with where named is asked; nil if it answers as the control channel says it should.
  func objection(to zones: [Zone]) async -> Objection? {
    do throws(DNSError) {
      // Any answer will do where there is no zone to ask for.
      guard let zone = zones.first(where: { $0.view == nil }) else {
        _ = try await client.ask(.root, .soa)
        return nil
      }
      let name = zone.name.withoutTrailingDot
      let answer = try await client.ask(zone.name, .soa)
      guard answer.isAuthoritative, let serial = answer.serial else {
        return Objection(
          """
          asked for the SOA of \(name), \(client.server) answers \(answer.rcode), and named has it \
          loaded
          """,
          remedy: """
            See whether bind.query is that named, and whether it may be asked from this host \
            (allow-query)
            """)
      }
      // A new serial may have been loaded since the control channel was asked.
      guard serial == zone.status?.servedSerial || zone.isDynamic else {
        let status = try? await control.zoneStatus(zone: zone.name)
        guard let status, status.servedSerial != serial else { return nil }
        return Objection(
          """
          \(client.server) answers serial \(serial) for zone \(name), and named's control channel \
          says \(status.servedSerial?.description ?? "none"): they are not the same named
          """, remedy: "Set bind.query and bind.rndc to the one whose files these are")
      }
      return nil
    } catch {
      return Objection("named cannot be asked at bind.query", error)
    }
  }
}
