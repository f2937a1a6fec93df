import DNSNames
import ReconcileModel

/// The aliases that a configuration has named so far, by which conflicts are found.
struct AliasNames {
  /// An alias that is in the way of another.
  struct Rival {
    var alias: Alias
    var line: Int
  }

  private var byOwner: [DomainName: Rival] = [:]
  /// The first alias below each name.
  private var below: [DomainName: Rival] = [:]

  /// The alias of the same name.
  func same(as owner: DomainName) -> Rival? { byOwner[owner] }

  /// The closest alias above a name.
  func above(_ owner: DomainName) -> Rival? {
    ancestors(of: owner).lazy.compactMap { byOwner[$0] }.first
  }

  /// An alias below a name.
  func below(_ owner: DomainName) -> Rival? { below[owner] }

  mutating func add(_ alias: Alias, line: Int) {
    let rival = Rival(alias: alias, line: line)
    if byOwner[alias.owner] == nil { byOwner[alias.owner] = rival }
    for name in ancestors(of: alias.owner) where below[name] == nil { below[name] = rival }
  }

  private func ancestors(of name: DomainName) -> some Sequence<DomainName> {
    sequence(first: name) { $0.parent }.dropFirst()
  }
}
