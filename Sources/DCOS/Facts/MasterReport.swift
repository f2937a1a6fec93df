/// What one master said in one round, or why it said nothing that counts.
package struct MasterReport: Hashable, Sendable {
  package let master: MasterEndpoint
  package let id: Result<ClusterID, ObservationError>
  package let members: Result<MemberList, ObservationError>
  /// When the certificate ends that it showed last, in seconds since 1970; nil where none was seen.
  package var certificateEnd: Int64?

  package init(
    master: MasterEndpoint,
    id: Result<ClusterID, ObservationError>,
    members: Result<MemberList, ObservationError>
  ) {
    self.master = master
    self.id = id
    self.members = members
  }

  /// Whether it holds no answer at all.
  package var isSilent: Bool {
    if case .failure = id, case .failure = members { true } else { false }
  }
}
