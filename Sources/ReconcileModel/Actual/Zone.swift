package import BINDText
package import DCOS
package import DNSNames
package import FileChange
package import Named
package import SystemPackage

/// A zone that named.conf has.
package struct Zone: Sendable {
  /// The file with the statement, an index into the tree's files.
  package let file: Int
  package let statement: ZoneStatement
  /// The view in which named has the zone; nil in a configuration without views.
  package let view: String?
  package let name: DomainName
  package let isInternetClass: Bool
  /// What the statement says, including the files that it includes and what it inherits from its view and `options`.
  package let clauses: ZoneClauses
  /// The file with the statement.
  package let source: ConfigurationFile
  /// The name of the managed block in which the statement stands, if it is ours.
  package let block: String?
  /// The zone file's path on this host.
  package let path: FilePath?
  /// Which file it is, whatever it is called: links, bind mounts and other spellings followed.
  package var node: NodeID?
  /// The text of the zone, where an alias concerns it or a managed block stands in it.
  package var text: Result<ZoneText, InspectionError>?
  /// What named says about the zone, if an alias concerns it.
  package var status: ZoneStatus?
  /// The serials with which named's journals of the zone end, its own and that of the signed zone, where an alias
  /// concerns it.
  package var journalSerials: [SerialNumber] = []
  /// What named has of the zone if it is dynamic, where an alias concerns it and named can be asked.
  package var dynamic: Result<DynamicZone, InspectionError>?
  /// The statement of another zone that includes the file with this one's SOA record, if there is one
  /// and it was looked for.
  package var authoritySharer: String?

  package init(
    file: Int, statement: ZoneStatement, view: String?, name: DomainName, isInternetClass: Bool,
    clauses: ZoneClauses, source: ConfigurationFile, block: String?, path: FilePath?
  ) {
    self.file = file
    self.statement = statement
    self.view = view
    self.name = name
    self.isInternetClass = isInternetClass
    self.clauses = clauses
    self.source = source
    self.block = block
    self.path = path
  }
}

extension Zone {
  /// `file:line` of the statement.
  package var location: String { source.location(of: statement.range.lowerBound) }

  /// Whether DNS UPDATE changes the zone, so that named and not its file has the last word.
  package var isDynamic: Bool { clauses.isDynamic || status?.isDynamic == true }

  /// Whether named has records to answer with; of a zone that is borrowed the lender says so.
  package var holdsData: Bool { clauses.type?.holdsData ?? true }

  /// The cluster whose names the zone has, if it has one's.
  package var clusterID: ClusterID? {
    guard let label = name.labels.first,
      let id = try? ClusterID(String(decoding: label, as: UTF8.self).lowercased()),
      name == id.domain
    else { return nil }
    return id
  }

  /// The zone with its view where there are views, for messages.
  package var title: String { subject.description }

  package var subject: Subject { .zone(name, view: view) }

  package func isSame(as other: Zone) -> Bool {
    hasStatement(of: other) && view == other.view
  }

  /// Whether both statements name the same file by its path.
  package func sharesPath(with other: Zone) -> Bool {
    guard let path, let otherPath = other.path else { return false }
    return path.lexicallyNormalized() == otherPath.lexicallyNormalized()
  }

  /// Whether both are one statement's.
  package func hasStatement(of other: Zone) -> Bool {
    file == other.file && statement == other.statement
  }
}

extension Zone {
  package var inView: ZoneInView { ZoneInView(name: name, view: view) }
}
