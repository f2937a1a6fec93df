import ArgumentParser
import DNSNames
import Reconcile
import ReconcileModel

/// The part of the chain that `check` shows.
struct CheckScope {
  /// Nil for all of it.
  private let subjects: Set<Subject>?

  /// - Parameters:
  ///   - clusters: the clusters that are named, each of which stands for its aliases as well.
  ///   - aliases: the aliases that are named, each with the clusters that it may lead to.
  ///   - desired: what the configuration has.
  /// - Throws: wrong usage, where it has no such name.
  init(clusters: [String], aliases: [String], in desired: DesiredState) throws {
    guard !clusters.isEmpty || !aliases.isEmpty else {
      subjects = nil
      return
    }
    var subjects: Set<Subject> = []
    for name in clusters {
      guard desired.clusters.contains(where: { $0.name == name }) else {
        throw Self.unknown("--cluster", name, among: desired.clusters.map(\.name))
      }
      subjects.insert(.cluster(name))
      for alias in desired.aliases where alias.mayLead(to: name) {
        subjects.insert(.alias(alias.owner))
      }
    }
    for name in aliases {
      let owner = try? DomainName(name)
      guard let alias = desired.aliases.first(where: { $0.owner == owner }) else {
        throw Self.unknown("--alias", name, among: desired.aliases.map(\.blockName))
      }
      subjects.insert(.alias(alias.owner))
      subjects.formUnion((alias.failover?.clusters ?? [alias.cluster]).map { .cluster($0) })
    }
    self.subjects = subjects
  }

  /// The links about them, and broken links that belong to no cluster or alias: these break theirs too.
  func links(of all: [Finding]) -> [Finding] {
    guard let subjects else { return all }
    return all.filter { link in
      link.about.map(subjects.contains) ?? (link.state == .broken)
    }
  }

  private static func unknown(
    _ option: String, _ name: String, among known: [String]
  ) -> ValidationError {
    let list = known.isEmpty ? "none" : known.joined(separator: ", ")
    let suggestion = NearestWord(known: known).suggestion(for: name)
    return ValidationError(
      "\(option) \(name): the configuration has no such name. "
        + (suggestion.map { "Did you mean \($0)? " } ?? "") + "It has: \(list)")
  }
}
