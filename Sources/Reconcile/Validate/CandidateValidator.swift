import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Has named's own checkers judge a plan's files before anything is replaced.
///
/// The candidates are written into a private scratch folder, and named-checkconf reads the whole
/// tree there, in which every changed file is its candidate, so that includes and duplicates across
/// files are judged together.
package struct CandidateValidator: Sendable {
  let configuration: ConfigurationChecker
  let zones: ZoneChecker
  let compiler: ZoneCompiler
  /// Where scratch folders are made; nil for the system's place.
  let scratch: PrivateFolder?

  init(tools: NamedTools, scratch: PrivateFolder?) {
    self.scratch = scratch
    configuration = ConfigurationChecker(tool: tools.checkconf)
    zones = ZoneChecker(tool: tools.checkzone)
    compiler = ZoneCompiler(tool: tools.compilezone)
  }

  func validate(_ plan: Plan, _ actual: ActualState) async throws(PassError) {
    guard !plan.files.isEmpty || plan.updates.contains(where: { $0.candidate != nil }) else {
      return
    }
    let folder = try ScratchFolder(in: scratch)
    // The configuration is judged beside the zones, on what is written before; what is wrong with a zone is told first.
    let changed = plan.files.filter { $0.kind == .configuration }
    let candidate =
      changed.isEmpty ? nil : try candidate(of: actual.tree, changed: changed, in: folder)
    let file = candidate?.file
    async let judged = report(on: file, of: actual.tree)
    for update in plan.updates { try await validate(update, actual, in: folder) }
    try await validate(ZoneCandidate.all(of: plan), actual, in: folder)
    guard let candidate, let report = try await judged?.judgement, !report.isAccepted else {
      return
    }
    throw try await refusal(of: actual.tree, report, candidate.shadows, in: folder)
  }

  /// Judges small zones side by side, as the checkers' start is most of the work, and then the large ones, which need
  /// the memory.
  ///
  /// - Throws: what is wrong with the first of them, in the order of the plan.
  private func validate(
    _ zones: [ZoneCandidate], _ actual: ActualState, in folder: ScratchFolder
  ) async throws(PassError) {
    let small = zones.filter { actual.size(of: $0.zone) <= Self.smallSize }
    let verdicts = await concurrentMap(small, atMost: Self.smallZonesAtATime) { zone in
      await verdict(on: zone, actual, in: folder)
    }
    var errors: [ZoneInView: PassError] = [:]
    for (zone, error) in zip(small, verdicts) { errors[zone.zone] = error }
    for zone in zones {
      if let error = errors[zone.zone] { throw error }
      if actual.size(of: zone.zone) > Self.smallSize {
        try await validate(zone, actual, in: folder)
      }
    }
  }

  private static let smallSize = 1 << 20
  /// Each takes two programs.
  private static let smallZonesAtATime = 4

  private func verdict(
    on zone: ZoneCandidate, _ actual: ActualState, in folder: ScratchFolder
  ) async -> PassError? {
    do throws(PassError) {
      try await validate(zone, actual, in: folder)
      return nil
    } catch {
      return error
    }
  }

  /// Judges a zone with all its files, of which any may be changed: the SOA record may stand in
  /// another than the alias.
  private func validate(
    _ planned: ZoneCandidate, _ actual: ActualState, in folder: ScratchFolder
  ) async throws(PassError) {
    let (zone, changed) = (planned.zone, planned.changed)
    let text = actual.text(of: zone.name, in: zone.view)
    var shadow = ShadowZone(tree: actual.tree, folder: folder)
    let candidate =
      if let text {
        try shadow.write(text, changed: changed)
      } else {
        try changed.first.flatMap { (file) throws(PassError) in try shadow.write(file) }
      }
    guard let candidate else { return }
    let directory = actual.tree.root.realPath(actual.tree.directory)
    var before = ShadowZone(tree: actual.tree, folder: folder)
    let old = try text.flatMap { (text) throws(PassError) in try before.write(text) }
    guard let text, let old else {
      let report = try await judge(zone, candidate, actual, directory, in: folder)
      guard report.isAccepted else { throw refusal(of: zone, report, shadow.shadows) }
      return
    }
    // One run judges and compiles the candidate while another compiles the present zone: a large zone takes each of
    // them seconds. What it cannot judge as named does is judged separately.
    let strictness = actual.strictness(of: zone)
    var verdict: CheckReport?
    if !strictness.checksSVCB {
      verdict = try await judge(zone, candidate, actual, directory, in: folder)
    }
    let (formerForm, newForm) = (folder.reserve(), folder.reserve())
    async let former = compile(zone, old, nil, into: formerForm, directory)
    let compiled = await compile(
      zone, candidate, verdict == nil ? strictness : nil, into: newForm, directory)
    let formerVerdict = await former
    let isCompiled = if case .success(let report) = compiled { report.isAccepted } else { false }
    guard isCompiled, verdict?.isAccepted ?? true else {
      let standing = try await judge(zone, old, actual, directory, in: folder)
      try refuseAsItStands(zone, standing, before.shadows)
      // In the words of the program that an operator would use.
      let report = try await judge(zone, candidate, actual, directory, in: folder)
      throw try refusal(of: zone, report.isAccepted ? compiled.judgement : report, shadow.shadows)
    }
    guard try formerVerdict.judgement.isAccepted else {
      throw PassError(
        "named-compilezone refuses zone \(zone.name.withoutTrailingDot), so nothing was changed:"
          + before.shadows.lines(try formerVerdict.judgement))
    }
    let comparison = ZoneComparison(
      zone: zone.name, wanted: planned.wanted, managed: Set(text.blockOwners))
    let surplus = try comparison.surplus(before: formerForm, after: newForm)
    // The checker judged copies: a file that the zone only includes may have changed meanwhile.
    for file in text.files where FileState(of: file.snapshot.realPath) != file.snapshot.state {
      var outdated = PassError(FileChangeError.changedMeanwhile(file.snapshot.path))
      outdated.isOutdated = true
      throw outdated
    }
    if let surplus {
      throw PassError(
        """
        zone \(zone.name.withoutTrailingDot): the candidate is not what it should be, so nothing was changed: \(surplus)
        """, remedy: "This is a fault of zonebridge; please report it with the zone file")
    }
  }

  /// Judges a zone file as named would.
  private func judge(
    _ zone: ZoneInView, _ file: FilePath, _ actual: ActualState, _ directory: FilePath,
    in folder: ScratchFolder
  ) async throws(PassError) -> CheckReport {
    let strictness = actual.strictness(of: zone)
    do {
      if strictness.checksSVCB {
        return try await zones.check(
          zone: zone.name, file: file, strictness: strictness, workingDirectory: directory)
      }
    } catch {
      throw PassError(error)
    }
    let text = strictness.configuration(of: zone.name, file: file, directory: directory)
    let statement = try folder.write(FileContents(Array(text.utf8)))
    do {
      return try await configuration.load(statement)
    } catch {
      throw PassError(error)
    }
  }

  /// Reports a mistake of the operator as such: the checker refuses the zone without our record as well.
  private func refuseAsItStands(
    _ zone: ZoneInView, _ report: CheckReport, _ shadows: Shadows
  ) throws(PassError) {
    guard !report.isAccepted else { return }
    throw refusal(
      of: zone,
      """
      named-checkzone refuses the current file, and named would not load it. Fix these lines \
      first:\(shadows.lines(report))
      """)
  }

  private func refusal(of zone: ZoneInView, _ reason: String) -> PassError {
    var error = PassError(reason)
    error.refusedZone = zone.name
    return error
  }

  /// Judges a dynamic zone as it would be: named accepts an update after which it could not load the zone when it
  /// restarts, such as a name server's address below a DNAME.
  private func validate(
    _ update: ZoneUpdate, _ actual: ActualState, in folder: ScratchFolder
  ) async throws(PassError) {
    guard let candidate = update.candidate, let file = candidate.content.files.first else { return }
    var shadows = Shadows(in: folder)
    let path = folder.reserve()
    try shadows.write(file.snapshot, candidate.edits, to: path)
    let zone = ZoneInView(name: update.zone, view: update.view)
    let report: CheckReport
    do {
      report = try await zones.check(
        zone: zone.name, file: path, strictness: actual.strictness(of: zone))
    } catch {
      throw PassError(error)
    }
    guard !report.isAccepted else { return }
    throw refusal(
      of: zone,
      """
      named-checkzone refuses what the dynamic zone \(zone.name.withoutTrailingDot) would become, so it was not \
      changed:\(shadows.lines(report))
      """)
  }

  private func refusal(of zone: ZoneInView, _ report: CheckReport, _ shadows: Shadows) -> PassError
  {
    refusal(
      of: zone,
      "named-checkzone refuses the candidate, so its files were not changed:"
        + shadows.lines(report))
  }

  /// Has named-compilezone write the canonical form of a zone.
  private func compile(
    _ zone: ZoneInView, _ file: FilePath, _ strictness: ZoneStrictness?, into output: FilePath,
    _ directory: FilePath
  ) async -> Result<CheckReport, ToolError> {
    do {
      return .success(
        try await compiler.compile(
          zone: zone.name, file: file, strictness: strictness, into: output,
          workingDirectory: directory))
    } catch {
      return .failure(error)
    }
  }

  /// Writes a configuration as it would be.
  ///
  /// - Returns: Its first file, and what was written.
  private func candidate(
    of tree: ConfigurationTree, changed: [PlannedFile], in folder: ScratchFolder
  ) throws(PassError) -> (file: FilePath, shadows: Shadows) {
    var shadow = ShadowTree(tree: tree, changed: changed, folder: folder)
    let file = try shadow.write()
    return (file, shadow.shadows)
  }

  /// named-checkconf's judgement on what was written of a configuration; nil where nothing was.
  private func report(
    on file: FilePath?, of tree: ConfigurationTree
  ) async -> Result<CheckReport, ToolError>? {
    guard let file else { return nil }
    do throws(ToolError) {
      return .success(
        try await configuration.check(
          file,
          workingDirectory: tree.root.realPath(tree.files[0].snapshot.path.removingLastComponent()))
      )
    } catch {
      return .failure(error)
    }
  }

  /// Why named-checkconf refuses the current configuration; nil if it accepts it.
  func objections(to tree: ConfigurationTree) async throws(PassError) -> [String]? {
    let folder = try ScratchFolder(in: scratch)
    let standing = try candidate(of: tree, changed: [], in: folder)
    guard let report = try await report(on: standing.file, of: tree)?.judgement, !report.isAccepted
    else { return nil }
    return standing.shadows.messages(report)
  }

  /// An operator's own mistake is reported as such: the configuration is refused without our statements as well.
  private func refusal(
    of tree: ConfigurationTree, _ report: CheckReport, _ shadows: Shadows, in folder: ScratchFolder
  ) async throws(PassError) -> PassError {
    let standing = try candidate(of: tree, changed: [], in: folder)
    if let own = try await self.report(on: standing.file, of: tree)?.judgement, !own.isAccepted {
      return PassError(
        """
        named-checkconf refuses the current \(tree.files[0].snapshot.path), so nothing was \
        changed:\(standing.shadows.lines(own))
        """, remedy: "Fix these lines: named would not start with them")
    }
    return PassError(
      "named-checkconf refuses the candidate configuration, so nothing was changed:"
        + shadows.lines(report))
  }
}

/// A zone whose files a plan changes.
private struct ZoneCandidate {
  let zone: ZoneInView
  var changed: [PlannedFile] = []
  /// The targets of the aliases that it has, or has to have.
  var wanted: [DomainName: DomainName] = [:]

  /// All of a plan, in its order.
  static func all(of plan: Plan) -> [ZoneCandidate] {
    var zones: [ZoneCandidate] = []
    var places: [ZoneInView: Int] = [:]
    for file in plan.files {
      guard case .zone(let name, let view) = file.kind else { continue }
      let zone = ZoneInView(name: name, view: view)
      if places[zone] == nil {
        places[zone] = zones.count
        zones.append(ZoneCandidate(zone: zone))
      }
      if let place = places[zone] { zones[place].changed.append(file) }
    }
    for case .alias(let owner, let target, let name, let view)
      in plan.alreadyServed + plan.servedAfterwards
    {
      guard let place = places[ZoneInView(name: name, view: view)] else { continue }
      zones[place].wanted[owner] = target
    }
    // Where a file is only removed, there is nothing to judge.
    return zones.filter { $0.changed.contains { $0.contents != nil } }
  }
}

extension ActualState {
  /// How named judges a zone when it loads it.
  fileprivate func strictness(of zone: ZoneInView) -> ZoneStrictness {
    let installed = zones(zone.name, in: zone.view).first
    return ZoneStrictness(
      installed?.clauses.checks ?? tree.clauses(inheritedIn: zone.view).checks)
  }
}

extension ZoneStrictness {
  fileprivate init(_ checks: [ZoneCheck: String]) {
    self.init()
    for (check, word) in checks {
      let mode = Mode(rawValue: word)
      let isOn = !["no", "false", "0"].contains(word)
      switch check {
      case .names: names = mode ?? names
      case .duplicates: duplicates = mode ?? duplicates
      case .mx: mx = mode ?? mx
      case .mxToCNAME: mxToCNAME = mode ?? mxToCNAME
      case .srvToCNAME: srvToCNAME = mode ?? srvToCNAME
      case .integrity: checksIntegrity = isOn
      case .sibling: checksSiblings = isOn
      case .svcb: checksSVCB = isOn
      }
    }
  }
}

extension Result<CheckReport, ToolError> {
  /// - Throws: why there is none.
  fileprivate var judgement: CheckReport {
    get throws(PassError) {
      do throws(ToolError) {
        return try get()
      } catch {
        throw PassError(error)
      }
    }
  }
}
