package import DNSNames
package import ReconcileModel
package import SystemPackage

/// Checks the whole chain, from the masters to named's answer.
///
/// It changes neither files nor state, and takes no lock; the caller may remember the serials of secondaries. The facts
/// are gathered first, and each link is a function of them. Whatever depends on a broken link is skipped.
package struct Diagnosis: Sendable {
  let desired: DesiredState
  let configuration: FilePath
  /// What an operator should know about the configuration.
  let notes: [ConfigurationNote]
  let stateDirectory: FilePath
  /// Seconds since 1970.
  let now: Int64

  /// Prepares a diagnosis.
  ///
  /// - Parameters:
  ///   - desired: what the configuration wants.
  ///   - configuration: the file that it was read from.
  ///   - notes: what an operator is told about it at each start.
  ///   - stateDirectory: where passes keep their state.
  ///   - now: seconds since 1970.
  package init(
    desired: DesiredState, configuration: FilePath, notes: [ConfigurationNote],
    stateDirectory: FilePath,
    now: Int64
  ) {
    self.desired = desired
    self.configuration = configuration
    self.notes = notes
    self.stateDirectory = stateDirectory
    self.now = now
  }

  /// The links, in the order in which they are shown.
  static let links: [any LinkCheck.Type] = [
    ConfigurationCheck.self,
    PermissionCheck.self,
    ConfinementCheck.self,
    BlockCheck.self,
    ToolCheck.self,
    ControlCheck.self,
    RecursionCheck.self,
    MasterCheck.self,
    ForwarderCheck.self,
    ObstacleCheck.self,
    ForwardZoneCheck.self,
    AliasCheck.self,
    SerialCheck.self,
    SecondaryCheck.self,
    PassCheck.self,
  ]

  /// The result of a diagnosis.
  package struct Result: Sendable {
    package var findings: [Finding]
    /// The serials of secondaries that are ahead of this server: the next change has to go above them.
    package var serialsAhead: [ZoneInView: SerialNumber]
  }

  /// Gathers the facts and judges all links by them.
  package func run() async -> Result {
    let facts = await DiagnosisFacts.gather(for: self)
    let findings = await concurrentMap(Self.links, atMost: Self.links.count) { link in
      await link.init(facts: facts).findings
    }
    return Result(
      findings: findings.flatMap(\.self), serialsAhead: facts.secondaries.serialsAhead)
  }
}
