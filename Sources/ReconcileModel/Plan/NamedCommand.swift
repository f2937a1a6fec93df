package import DNSNames
import Named

/// A command to named's control channel.
package enum NamedCommand: Sendable, Hashable, CustomStringConvertible {
  /// Reads the configuration again and loads new zones, and no others.
  case reconfig
  case reload(zone: DomainName, view: String?)
  /// Forgets what is cached of a cluster's names, answers of a former cluster or master.
  case flushTree(domain: DomainName)

  package var isFlush: Bool {
    if case .flushTree = self { true } else { false }
  }

  package var description: String {
    switch self {
    case .reconfig: "rndc reconfig"
    case .reload(let zone, let view):
      "rndc reload \(zone.withoutTrailingDot)" + (view.map { " IN \($0)" } ?? "")
    case .flushTree(let domain): "rndc flushtree \(domain.withoutTrailingDot)"
    }
  }
}
