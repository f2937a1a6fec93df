import BINDText
import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel
import Synchronization

/// Asks named for zones that named.conf does not have, before an alias is added: a statement for the same name would be
/// refused, and in the enclosing zone the alias would never be seen.
struct UnlistedZoneSearch {
  let desired: DesiredState
  let actual: ActualState

  /// Asks named.
  ///
  /// - Parameters:
  ///   - control: named's control channel.
  ///   - known: What it has answered already.
  ///   - vacant: The names that are known to have no zone.
  /// - Returns: The zones that it has.
  func zones(
    of control: RemoteControl, answered known: ZoneAnswers, besides vacant: Set<ZoneInView>
  ) async -> [UnlistedZone] {
    guard case .success? = actual.named else { return [] }
    let unknown = candidates().filter { !vacant.contains($0) }
    let vacant = await self.vacant(among: unknown.filter { known[$0] == nil })
    let candidates = unknown.filter { !vacant.contains($0) }
    let unasked = candidates.filter { known[$0] == nil }
    let answers = await known.merging(control.answers(on: unasked, atMost: 8)) { answer, _ in answer
    }
    let database = candidates.isEmpty ? nil : actual.tree.firstDatabase
    let found = await concurrentMap(candidates, atMost: 8) { zone -> UnlistedZone? in
      switch answers[zone] {
      case .success(let status)?:
        let catalogs = actual.tree.catalogs(in: zone.view)
        if let found = UnlistedZone(zone, status, catalogs: catalogs) { return found }
      case .failure(.zoneNotLoaded)?: return UnlistedZone(zone, from: .unloaded)
      case .failure?, nil: break  // named has no such zone, or does not say.
      }
      guard let database, await isServed(zone) else { return nil }
      return UnlistedZone(zone, from: .database(database))
    }
    return found.compactMap(\.self)
  }

  /// The names at which named answers from the zone that named.conf has above them: no other zone is there.
  ///
  /// A question takes a tenth of the time in which rndc starts. From outside it is unknown which view would answer.
  ///
  /// - Parameter candidates: The names, with the view.
  /// - Returns: Those of them that are shown to have no zone.
  func vacant(among candidates: [ZoneInView]) async -> Set<ZoneInView> {
    let client = DNSClient(server: desired.bind.query)
    // A server that leaves one question without an answer is asked no more: each would have to be waited for.
    let isSilent = Atomic(false)
    let found = await concurrentMap(candidates, atMost: 32) { zone -> ZoneInView? in
      guard zone.view == nil, let enclosing = actual.zone(enclosing: zone.name, in: nil),
        !isSilent.load(ordering: .relaxed)
      else { return nil }
      guard let answer = try? await client.ask(zone.name, .soa) else {
        isSilent.store(true, ordering: .relaxed)
        return nil
      }
      return answer.isNegative(from: enclosing.name) ? zone : nil
    }
    return Set(found.compactMap(\.self))
  }

  /// Whether named answers for a zone of this name, wherever it has the records from.
  ///
  /// rndc does not know the zones of a `dlz`. From outside it is unknown which view would answer.
  private func isServed(_ zone: ZoneInView) async -> Bool {
    guard zone.view == nil,
      let answer = try? await DNSClient(server: desired.bind.query).ask(zone.name, .soa)
    else { return false }
    return answer.isAuthoritative && answer.hasAuthority(of: zone.name)
  }

  /// Lists the names from each alias that is not there up to its enclosing zone.
  ///
  /// - Parameter isOfFilesOnly: Whether aliases in dynamic zones are left out, of which it is not known yet what is there.
  /// - Returns: The names, with the view.
  func candidates(ofFilesOnly isOfFilesOnly: Bool = false) -> [ZoneInView] {
    let views = actual.tree.views.filter(\.isInternetClass).map(\.name)
    var candidates: Set<ZoneInView> = []
    for alias in desired.aliases {
      for view in views.isEmpty ? [nil] : views.map(Optional.some) {
        let enclosing = actual.zone(enclosing: alias.owner, in: view)
        if let enclosing, enclosing.has(alias.owner) { continue }
        if isOfFilesOnly, enclosing?.isDynamic == true { continue }
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

extension DNSAnswer {
  /// Whether a zone says that it does not have what was asked for (RFC 2308 section 2).
  fileprivate func isNegative(from zone: DomainName) -> Bool {
    isAuthoritative && answers.isEmpty
      && authority.contains { $0.type == .soa && $0.owner == zone }
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
