package import DNSNames

/// What a change, a problem or a line of the log is about.
///
/// It stays this value from the plan to the log's field: its words are for people, and only the history of earlier
/// passes is read back from them.
package enum Subject: Hashable, Sendable {
  /// A cluster's forward zone, by the cluster's name in the configuration.
  case cluster(String)
  case alias(DomainName)
  case zone(DomainName, view: String? = nil)
  /// The clusters' exception from DNSSEC validation.
  case exemption
  /// A managed block of a zone file whose name is no domain name.
  case block(String)
  case named
  /// A command on named's control channel.
  case command(NamedCommand)
  /// BIND's files.
  case files
  case metrics
  case stateDirectory
  /// The pass as a whole.
  case pass

  /// The alias whose managed block has this name.
  package static func alias(ofBlock name: String) -> Subject {
    (try? DomainName(name)).map { .alias($0) } ?? .block(name)
  }
}

extension Subject: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cluster(let name): "cluster \(name)"
    case .alias(let owner): "alias \(owner.withoutTrailingDot)"
    case .zone(let name, let view):
      "zone \(name.withoutTrailingDot)" + (view.map { " in view \($0)" } ?? "")
    case .exemption: BlockNames.exemption
    case .block(let name): "alias \(name)"
    case .named: "named"
    case .command(let command): "\(command)"
    case .files: "files"
    case .metrics: "metrics"
    case .stateDirectory: "state directory"
    case .pass: "pass"
    }
  }
}

/// In the order of their words.
extension Subject: Comparable {
  package static func < (one: Subject, other: Subject) -> Bool {
    one.description < other.description
  }
}

extension Subject {
  /// Reads what the history has for the subject of a change; nil for anything else.
  package init?(_ recorded: String) {
    if recorded == BlockNames.exemption {
      self = .exemption
      return
    }
    let words = recorded.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard words.count == 2 else { return nil }
    self.init(kind: words[0], name: String(words[1]))
  }

  /// A subject by the two fields that the state files have for it.
  package init?(kind: Substring, name: String) {
    switch kind {
    case "cluster": self = .cluster(name)
    case "alias": self = .alias(ofBlock: name)
    case "zone":
      guard let zone = try? DomainName(name) else { return nil }
      self = .zone(zone)
    case "exemption": self = .exemption
    default: return nil
    }
  }
}
