package import BINDText
package import DNSNames
package import Named
package import SystemPackage

/// What a plan changes in a dynamic zone, by DNS UPDATE.
package struct ZoneUpdate: Sendable {
  package var zone: DomainName
  package var view: String?
  /// The change of each alias.
  package var parts: [AliasUpdate]
  /// The file with the TSIG key.
  package var key: FilePath
  /// named's address for nsupdate.
  package var server: Endpoint
  /// All of it, in one message.
  package var message: DynamicUpdate { DynamicUpdate(zone: zone, parts.map(\.message)) }

  /// The commands for nsupdate, one a line.
  package var script: [String] { message.script(for: server) }

  /// The command that does the same by hand.
  package var commandLines: [String] {
    ["nsupdate -k \(key) <<END"] + script + ["END"]
  }

  /// The zone as it would be, for named-checkzone; nil if nothing new is added.
  package var candidate: DynamicCandidate?

  package init(
    zone: DomainName, view: String? = nil, parts: [AliasUpdate], key: FilePath, server: Endpoint,
    candidate: DynamicCandidate? = nil
  ) {
    self.zone = zone
    self.view = view
    self.parts = parts
    self.key = key
    self.server = server
    self.candidate = candidate
  }
}

/// The part of one alias in a ``ZoneUpdate``.
package struct AliasUpdate: Sendable {
  package var owner: DomainName
  package var message: DynamicUpdate
  /// What is there before and after; nil for no DNAME.
  package var old: LiveAlias?
  package var new: LiveAlias?

  package init(
    owner: DomainName, message: DynamicUpdate, old: LiveAlias? = nil, new: LiveAlias? = nil
  ) {
    self.owner = owner
    self.message = message
    self.old = old
    self.new = new
  }
}

/// A dynamic zone as named has it, and the changes to it.
package struct DynamicCandidate: Sendable {
  package var content: ZoneText
  package var edits: [TextEdit]

  package init(
    content: ZoneText, edits: [TextEdit]
  ) {
    self.content = content
    self.edits = edits
  }
}

extension AliasUpdate {
  /// What undoes it, as long as nobody has changed the record since.
  package var inverse: AliasUpdate {
    func record(_ alias: LiveAlias) -> ZoneRecord {
      ZoneRecord(owner: owner, type: .dname, rdata: "\(alias.target)")
    }
    var message = DynamicUpdate(zone: self.message.zone)
    if let new {
      message.prerequisites = [.only(record(new))]
      message.changes.append(.delete(record(new)))
    } else {
      message.prerequisites = [RecordType.dname, .cname].map {
        .absent(owner: owner, type: $0)
      }
    }
    if let old { message.changes.append(.add(record(old), ttl: old.ttl)) }
    return AliasUpdate(owner: owner, message: message, old: new, new: old)
  }
}
