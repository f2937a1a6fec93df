import BINDText
import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel

/// Asks named for zones that named.conf does not have, where an alias is to be put in: a statement for the same name
/// would be refused, and in the enclosing zone the alias would never be seen.
struct UnlistedZoneSearch {
  let desired: DesiredState
  let actual: ActualState
  let control: RemoteControl

  func zones() async -> [UnlistedZone] {
    guard case .success? = actual.named else { return [] }
    let candidates = candidates
    let database = candidates.isEmpty ? nil : actual.tree.firstDatabase
    let found = await concurrentMap(candidates, atMost: 8) { zone -> UnlistedZone? in
      do throws(RemoteControlError) {
        let status = try await control.zoneStatus(zone: zone.name, view: zone.view)
        let catalogs = actual.tree.catalogs(in: zone.view)
        if let found = UnlistedZone(zone, status, catalogs: catalogs) { return found }
      } catch .zoneNotLoaded {
        return UnlistedZone(zone, from: .unloaded)
      } catch {
        // named has no such zone, or does not say.
      }
      guard let database, await isServed(zone) else { return nil }
      return UnlistedZone(zone, from: .database(database))
    }
    return found.compactMap(\.self)
  }

  /// Whether named answers for a zone of this name, wherever it has the records from.
  ///
  /// rndc does not know the zones of a `dlz`. Which view would answer is not to be told from outside.
  private func isServed(_ zone: ZoneInView) async -> Bool {
    guard zone.view == nil,
      let answer = try? await DNSClient(server: desired.bind.query).ask(zone.name, .soa)
    else { return false }
    return answer.isAuthoritative && answer.hasAuthority(of: zone.name)
  }

  /// The names from each alias that is not there up to its enclosing zone.
  private var candidates: [ZoneInView] {
    let views = actual.tree.views.filter(\.isInternetClass).map(\.name)
    var candidates: Set<ZoneInView> = []
    for alias in desired.aliases {
      for view in views.isEmpty ? [nil] : views.map(Optional.some) {
        let enclosing = actual.zone(enclosing: alias.owner, in: view)
        if let enclosing, enclosing.has(alias.owner) { continue }
        var name: DomainName? = alias.owner
        while let next = name, !next.isRoot, next != enclosing?.name {
          candidates.insert(ZoneInView(name: next, view: view))
          name = next.parent
        }
      }
    }
    let listed = Set(actual.zones.map(\.inView))
    return candidates.subtracting(listed).sorted { $0.name < $1.name }
  }
}

extension ConfigurationTree {
  /// The first statement that has zones come from a database, with its place.
  fileprivate var firstDatabase: String? {
    for file in files {
      let found = file.outline.clauses(beginningWith: ["dlz", "dyndb"]).first
      if let words = found?.words, words.count > 1 {
        return "\(words[0].lowercased()) \"\(words[1])\" (\(file.snapshot.path))"
      }
    }
    return nil
  }
}

extension Zone {
  /// Whether an alias stands in it already.
  fileprivate func has(_ alias: DomainName) -> Bool {
    if case .success(let live)? = dynamic { return live.aliases[alias] != nil }
    guard case .success(let text)? = text else { return false }
    return text.files.flatMap(\.blocks).contains { (try? DomainName($0.name)) == alias }
  }
}
