import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel

/// A cluster's forward zone in a managed block.
struct InstalledForwardZone {
  var id: ClusterID
  /// The name of the managed block.
  var block: String
  var zone: Zone
  /// The statement's lines, with their relative indentation as tabs.
  var lines: [String]

  var requirement: Requirement { .forwardZone(id, view: zone.view) }

  func isIn(_ block: ManagedBlock, of file: ConfigurationFile) -> Bool {
    self.block == block.name && zone.source.snapshot.path == file.snapshot.path
      && block.range.contains(zone.statement.range.lowerBound)
  }
}

extension ActualState {
  /// The forward zones of clusters in managed blocks, in the order in which they stand.
  var installedForwardZones: [InstalledForwardZone] {
    zones.compactMap { zone in
      guard let name = zone.block, zone.clauses.type == .forward, let id = zone.clusterID,
        let block = zone.source.blocks.first(where: {
          $0.name == name && $0.range.contains(zone.statement.range.lowerBound)
        })
      else { return nil }
      return InstalledForwardZone(
        id: id, block: name, zone: zone,
        lines: zone.source.outline.lines(of: zone.statement, in: block))
    }
  }

  /// Whether named.conf has a forward zone for a cluster's names in a view: ours, or one that somebody wrote by hand.
  func forwardsNames(of id: ClusterID, in view: String?) -> Bool {
    zones(enclosing: id.domain, in: view).contains { zone in
      guard !zone.name.isRoot else { return false }
      switch zone.clauses.type {
      case .forward, .stub, .staticStub, .inView: return true
      default: return zone.name == id.domain
      }
    }
  }
}

extension NamedConfOutline {
  /// The whole lines of a statement in a block, without the block's own indentation.
  func lines(of statement: ZoneStatement, in block: ManagedBlock) -> [String] {
    let body = block.body
    let start =
      bytes[body].prefix(upTo: statement.range.lowerBound).lastIndex(of: 0x0A)
      .map { $0 + 1 } ?? body.lowerBound
    let end =
      bytes[body].suffix(from: max(start, statement.range.upperBound - 1))
      .firstIndex(of: 0x0A) ?? body.upperBound
    return String(decoding: bytes[start..<end], as: UTF8.self)
      // CR and LF are one character.
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { line in
        var line = line.hasSuffix("\r") ? line.dropLast() : line
        guard !block.indentation.isEmpty else { return String(line) }
        if line.hasPrefix(block.indentation) { line = line.dropFirst(block.indentation.count) }
        // Where spaces indent the block, they indent its lines among themselves as well.
        guard block.indentation.allSatisfy({ $0 == " " }) else { return String(line) }
        var tabs = ""
        while line.hasPrefix(block.indentation) {
          line = line.dropFirst(block.indentation.count)
          tabs += "\t"
        }
        return tabs + line
      }
  }
}
