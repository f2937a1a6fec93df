/// What one master said in one round, or why it said nothing that counts.
package struct MasterReport: Hashable, Sendable {
  package let master: MasterEndpoint
  package let id: Result<ClusterID, ObservationFailure>
  package let members: Result<MemberList, ObservationFailure>

  package init(
    master: MasterEndpoint,
    id: Result<ClusterID, ObservationFailure>,
    members: Result<MemberList, ObservationFailure>
  ) {
    self.master = master
    self.id = id
    self.members = members
  }
}
