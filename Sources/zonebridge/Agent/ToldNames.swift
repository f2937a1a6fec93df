import ReconcileModel
import Synchronization

/// The hidden names that were reported: each is reported once, as long as it stays where it is.
final class ToldNames: Sendable {
  /// A name by what it is, wherever its line has moved to.
  private struct Name: Hashable {
    var alias: Subject
    var view: String?
    var name: String
  }

  private let told = Mutex<Set<Name>>([])

  /// What to report of a plan's findings: if a name is new, its alias with all that it hides.
  func news(of hidden: [HiddenNames]) -> [HiddenNames] {
    let names = hidden.map { found in
      found.first.map { Name(alias: found.subject, view: found.zone.view, name: $0.text) }
    }
    return told.withLock { told in
      let news = zip(hidden, names).filter { !told.isSuperset(of: $1) }.map(\.0)
      told = Set(names.joined())
      return news
    }
  }
}
