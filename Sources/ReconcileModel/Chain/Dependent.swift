package import DCOS
package import DNSNames
package import SystemPackage

/// A DNAME that leads into a cluster, no matter who wrote it: it needs the cluster's forward zone.
package struct Dependent: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    /// A file, symbolic links followed.
    case file(FilePath)
    /// A zone as named serves it.
    case live(ZoneInView)
    /// A record that zonebridge has nothing to do with: a plan does not change it.
    case foreign
    /// A zone whose records only named has: nobody can see whether any leads there.
    case unseen
  }

  /// Nil where only the text is known that names the cluster.
  package var owner: DomainName?
  package var id: ClusterID
  /// The view in which it is answered; nil in a configuration without views.
  package var view: String?
  /// In seconds; nil where the record does not say.
  package var ttl: UInt32?
  package var place: Place
  /// Where it stands, for a message.
  package var location: String
  /// Where to look for it again; nil for one that the plan handles, or that only named has.
  package var found: ForeignDependent?

  package init(
    owner: DomainName?, id: ClusterID, view: String? = nil, ttl: UInt32? = nil, place: Place,
    location: String
  ) {
    self.owner = owner
    self.id = id
    self.view = view
    self.ttl = ttl
    self.place = place
    self.location = location
  }
}

/// Until when forward zones stay that no DNAME leads into any more.
///
/// A resolver holds the DNAME of an alias that was moved for its TTL, and asks for names of the former cluster all that
/// time.
package struct RetainedZones: Equatable, Sendable {
  /// In seconds since 1970.
  package var until: [ClusterID: Int64]
  /// For how many seconds resolvers hold a DNAME whose successor was not seen served yet.
  ///
  /// A pass that is killed before named has read what it wrote leaves the old DNAME served for as long as that
  /// takes: then the time counts from the next pass.
  package var pending: [ClusterID: Int64]

  package init(until: [ClusterID: Int64] = [:], pending: [ClusterID: Int64] = [:]) {
    self.until = until
    self.pending = pending
  }

  /// Keeps a forward zone for some seconds more, from now on.
  package mutating func retain(_ id: ClusterID, for seconds: Int64, from now: Int64) {
    until[id] = max(until[id] ?? 0, now + seconds)
    pending[id] = max(pending[id] ?? 0, seconds)
  }

  /// The same on a clock that was set forward by some seconds.
  package func shifted(by seconds: Int64) -> RetainedZones {
    RetainedZones(until: until.mapValues { $0 + seconds }, pending: pending)
  }

  /// The same, where those that are not as they were before count from some seconds later.
  package func delayed(by seconds: Int64, after earlier: RetainedZones?) -> RetainedZones {
    RetainedZones(
      until: Dictionary(
        uniqueKeysWithValues: until.map { id, time in
          (id, earlier?.until[id] == time ? time : time + seconds)
        }), pending: pending)
  }
}
