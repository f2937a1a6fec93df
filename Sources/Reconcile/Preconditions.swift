import BINDText
import FileChange
import Named
import SystemPackage

// Whether the named that is told and asked is the one whose files are changed.
extension Install {
  /// The file that the named on the control channel reads, if it is another than ours.
  ///
  /// A path that this host does not have, since named runs in a chroot or a container, tells nothing.
  func foreignConfiguration(of status: NamedStatus) -> FilePath? {
    guard let own = tree.files.first?.snapshot.realPath, let line = status.configurationFile
    else { return nil }
    // With a chroot named tells both names: `/etc/named.conf (/chroot/etc/named.conf)`.
    let words = line.split(separator: " ", maxSplits: 1).map {
      FilePath(String($0.drop { $0 == "(" }.prefix { $0 != ")" }))
    }
    let paths = words.filter(\.isAbsolute).flatMap { [$0, bind.root.onHost($0)] }
    let real = paths.compactMap { FileState(of: $0)?.realPath }
    return real.contains(own) ? nil : real.first
  }

  /// The zones whose text a plan changes, as named has them loaded.
  func servedZones(changedBy plan: Plan) -> [InstalledZone] {
    let changed = Set(
      plan.files.compactMap { file in
        if case .zone(let zone, _) = file.kind { zone } else { nil }
      })
    return zones.filter { $0.status?.servedSerial != nil && changed.contains($0.name) }
  }
}

extension ServedLook {
  /// What is wrong with where named is asked; nil if it answers as the control channel says it should.
  func objection(to zones: [InstalledZone]) async -> String? {
    do throws(DNSFailure) {
      // Any answer will do where there is no zone to ask for.
      guard let zone = zones.first(where: { $0.view == nil }) else {
        _ = try await client.ask(".", .soa)
        return nil
      }
      let name = zone.name.withoutTrailingDot
      let answer = try await client.ask("\(zone.name)", .soa)
      guard answer.isAuthoritative, let serial = answer.serial else {
        return """
          asked for the SOA of \(name), \(client.server) answers \(answer.rcode), and named has it \
          loaded: see whether bind.query is that named, and whether it may be asked from this host \
          (allow-query)
          """
      }
      // A new serial may have been loaded since the control channel was asked.
      guard serial == zone.status?.servedSerial || zone.isDynamic else {
        let status = try? await control.zoneStatus(zone: name)
        guard let status, status.servedSerial != serial else { return nil }
        return """
          \(client.server) answers serial \(serial) for zone \(name), and named's control channel \
          says \(status.servedSerial.map(String.init) ?? "none"): they are not the same named. Set \
          bind.query and bind.rndc to the one whose files these are
          """
      }
      return nil
    } catch {
      return "named is not to be asked at bind.query: \(error)"
    }
  }
}
