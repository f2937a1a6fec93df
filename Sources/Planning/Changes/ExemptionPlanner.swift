import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel

/// Puts the clusters' zones among the names that named accepts without DNSSEC validation.
struct ExemptionPlanner {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// Where the exceptions of a view go.
  private struct ExemptionPlace {
    enum Form {
      /// Names in a list that the operator wrote.
      case names
      /// A statement in `options` or in a view.
      case statement
      /// An `options` statement, because there is none.
      case options
    }

    var site: BlockSite
    var form: Form
    /// The operator's own exceptions.
    var names: [DomainName] = []
  }

  /// A `validate-except` list that the operator wrote.
  private struct OwnList {
    var site: BlockSite
    var names: [DomainName]
  }

  /// Excepts the clusters' zones in all views where named validates.
  ///
  /// `dcos.directory` does not exist in the public DNS. A validator that cannot reach the root to prove that answers
  /// SERVFAIL, as Debian's default configuration does in a closed network.
  func planExemptions(
    _ plan: ClusterPlan, _ filter: inout ChangeFilter, _ draft: inout PlanDraft
  ) throws(PlanError) {
    var wanted: [(place: ExemptionPlace, names: [DomainName])] = []
    if context.actual.bind.exemptsFromValidation {
      let clusters = context.desired.clusters.filter { plan.managed.contains($0.name) }
        .compactMap { plan.targets[$0.name]?.domain }
      let all = inPlace(clusters + remainingDomains(besides: clusters, draft))
      var sites: Set<BlockSite> = []
      let options = validation(readIn: .options)
      for place in context.views.compactMap({ exemptionPlace(in: $0, options) }) {
        let names = all.filter { name in
          !place.names.contains { name.isSubdomain(of: $0) }
        }
        guard !names.isEmpty, sites.insert(place.site).inserted else { continue }
        wanted.append((place, names))
      }
    }
    let blocks: [(site: BlockSite, body: [String])] = wanted.map { place, names in
      switch place.form {
      case .names: (place.site, names.map { "\"\($0.withoutTrailingDot)\";" })
      case .statement: (place.site, Recipe.exceptions(names))
      case .options:
        (place.site, ["options {"] + Recipe.exceptions(names).map { "\t\($0)" } + ["};"])
      }
    }
    let body = blocks.flatMap(\.body)
    let edits = try BlockEditor(context).blockEdits(BlockNames.exemption, blocks)
    guard filter.admits(.exemption, body, of: nil, isChange: !edits.isEmpty, &draft),
      !edits.isEmpty
    else { return }
    draft.add(edits)
    var change = Change(.exemption, body, "the clusters' zones, which nobody signs")
    change.isNew = !context.actual.tree.files.contains { file in
      file.blocks.contains { $0.name == BlockNames.exemption }
    }
    change.edits = edits.edits
    draft.changes.append(change)
  }

  /// The domains of the other forward zones that stand once the changes are made: those that are needed still, and
  /// those of another zonebridge.
  private func remainingDomains(besides wanted: [DomainName], _ draft: PlanDraft) -> [DomainName] {
    let taken = draft.changes.reduce(into: Set<Requirement>()) { $0.formUnion($1.takes) }
    let remaining = context.installedForwardZones.filter { !taken.contains($0.requirement) }
    return Set(remaining.map(\.id.domain)).subtracting(wanted).sorted()
  }

  /// Names in the order of the existing block, then the others.
  private func inPlace(_ names: [DomainName]) -> [DomainName] {
    let standing = context.actual.tree.files.lazy.compactMap { file in
      file.blocks.first { $0.name == BlockNames.exemption }.map {
        String(decoding: file.snapshot.bytes[$0.body], as: UTF8.self)
      }
    }.first
    guard let standing else { return names }
    let words = standing.split { $0.isWhitespace || "\"{};".contains($0) }
    let places = Dictionary(zip(words, words.indices)) { first, _ in first }
    return names.enumerated().map { offset, name in
      (name, place: places[name.withoutTrailingDot[...]] ?? words.endIndex, offset: offset)
    }
    .sorted { ($0.place, $0.offset) < ($1.place, $1.offset) }
    .map(\.0)
  }

  /// Where a view's exceptions go; nil where it does not validate.
  ///
  /// named uses a list in the view instead of the one in `options`, and each may have only one list. So the names go
  /// into the operator's list, if there is one.
  private func exemptionPlace(
    in view: String?, _ options: (isOn: Bool?, lists: [OwnList])
  ) -> ExemptionPlace? {
    let own = view.map { validation(readIn: .view, view: $0) }
    guard own?.isOn ?? options.isOn ?? true else { return nil }
    if let list = own?.lists.first ?? options.lists.first {
      return ExemptionPlace(site: list.site, form: .names, names: list.names)
    }
    if let view {
      return context.viewStatements[view]?.first.map {
        ExemptionPlace(site: BlockSite(file: $0.file, list: $0.statement.list), form: .statement)
      }
    }
    if let (file, statement) = context.actual.tree.options, !isOurs(statement.range, in: file) {
      return ExemptionPlace(
        site: BlockSite(file: file, list: statement.list), form: .statement)
    }
    return context.zoneSites.first.map { ExemptionPlace(site: $0.site, form: .options) }
  }

  /// What `options` or a view says about validation, including the files that it includes.
  private func validation(
    readIn reader: NamedConfOutline.Context, view: String? = nil
  ) -> (isOn: Bool?, lists: [OwnList]) {
    let tree = context.actual.tree
    var clauses: [(file: Int, ValidationClauses)] = []
    if let view {
      clauses += (context.viewStatements[view] ?? []).map { ($0.file, $0.statement.validation) }
    } else if let (file, statement) = tree.options {
      clauses.append((file, statement.validation))
    }
    clauses += tree.files(readIn: reader, view: view).map {
      ($0, tree.files[$0].outline.validation)
    }
    return (
      clauses.lazy.compactMap(\.1.isOn).first,
      clauses.flatMap { file, clauses in
        clauses.exceptions.compactMap { ownList($0, in: file) }
      }
    )
  }

  /// The operator's part of a list; nil for a list that is ours.
  private func ownList(_ exceptions: ValidateExcept, in file: Int) -> OwnList? {
    guard !isOurs(exceptions.range, in: file) else { return nil }
    let names = zip(exceptions.names, exceptions.nameRanges)
      .filter { !isOurs($0.1, in: file) }
      .compactMap { try? DomainName($0.0) }
    return OwnList(site: BlockSite(file: file, list: exceptions.list), names: names)
  }

  private func isOurs(_ range: Range<Int>, in file: Int) -> Bool {
    context.actual.tree.files[file].block(around: range.lowerBound)?.name == BlockNames.exemption
  }
}
