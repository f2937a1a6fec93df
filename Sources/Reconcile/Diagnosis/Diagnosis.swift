package import ReconcileModel
package import SystemPackage

/// Goes through the whole chain, from the masters to an answer out of named.
///
/// It changes nothing: no file, no state, and it takes no lock. What is seen is gathered first, and each
/// link judged by a function of that. Where a link is broken, what rests on it is not looked at.
package struct Diagnosis: Sendable {
  let desired: DesiredState
  let configuration: FilePath
  /// What the configuration has to be told about.
  let notes: [String]
  let stateDirectory: FilePath
  /// Seconds since 1970.
  let now: Int64

  /// Makes ready to look.
  ///
  /// - Parameters:
  ///   - desired: what the configuration wants.
  ///   - configuration: the file that it was read from.
  ///   - notes: what an operator is told of it at each start.
  ///   - stateDirectory: where passes keep their state.
  ///   - now: seconds since 1970.
  package init(
    desired: DesiredState, configuration: FilePath, notes: [String], stateDirectory: FilePath,
    now: Int64
  ) {
    self.desired = desired
    self.configuration = configuration
    self.notes = notes
    self.stateDirectory = stateDirectory
    self.now = now
  }

  /// Looks at all links.
  package func run() async -> [Finding] {
    let facts = await DiagnosisFacts.gather(
      desired: desired, stateDirectory: stateDirectory, now: now)
    let process = NamedProcess.find(reading: desired.bind)
    var links = ConfigurationCheck(path: configuration, notes: notes, desired: desired).links
    links +=
      PermissionCheck(
        facts: facts, process: process, stateDirectory: stateDirectory, user: .current
      ).links
    links += ConfinementCheck(facts: facts, process: process).links
    links += BlockCheck(facts: facts).links

    // What takes its time goes side by side.
    async let tools = ToolCheck.look(at: facts)
    async let control = ControlCheck.look(at: facts)
    async let resolver = ResolverProbe.look(at: facts)
    async let forwarders = ForwarderCheck.look(at: facts)
    async let certificates = MasterCheck.certificateEnds(of: facts)
    async let aliases = AliasProbe.look(at: facts)
    async let zones = ZoneProbe.look(at: facts)
    links += await tools
    links += await control
    links += RecursionCheck(facts: facts, resolver: await resolver).links
    links += MasterCheck(facts: facts, certificateEnds: await certificates, now: now).links
    let forwarderLinks = await forwarders
    links += forwarderLinks.links
    links +=
      ForwardZoneCheck(
        facts: facts, resolver: await resolver, silent: forwarderLinks.silentClusters
      ).links
    links += AliasCheck(facts: facts, probes: await aliases).links
    links += SerialCheck(facts: facts, probes: await zones).links
    links += await SecondaryProbe().look(at: facts, await zones)
    links += PassCheck(facts: facts).links
    return links
  }
}
