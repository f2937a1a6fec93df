import BINDText
import DCOS
import DNSNames
import Named
import Planning
import ReconcileModel

/// Whether named asks the masters on behalf of its clients: recursion and its access lists, and whether DNSSEC
/// validation stands in the way.
struct RecursionCheck: LinkCheck {
  let facts: DiagnosisFacts

  private var resolver: ResolverProbe { facts.resolver }

  var findings: [Finding] {
    let views = facts.actual == nil ? [] : facts.chosenViews
    return views.flatMap { [recursion(in: $0)] } + [fromHere] + views.map(validation)
  }

  // MARK: - Recursion

  /// What the configuration says about recursion in a view.
  private func recursion(in view: String?) -> Finding {
    let subject = title("recursion", view)
    if setting("recursion", view)?.first.map(Self.isNo) == true {
      return Finding(
        .recursion, subject, .broken,
        "recursion no: named answers with the DNAME, and never asks the masters for the address",
        remedy: """
          A forward zone needs recursion: write recursion yes, and allow-recursion with the clients that need the \
          clusters' names
          """)
    }
    // Each of the lists defaults to the others (named.conf(5)).
    let names = ["allow-recursion", "allow-query-cache", "allow-query"]
    let written = names.lazy.compactMap { name in setting(name, view).map { (name, $0) } }.first
    guard let (name, clients) = written else {
      return Finding(
        .recursion, subject, .ok,
        """
        no allow-recursion: clients in networks that this host is in may recurse, all others get the DNAME \
        and no address
        """)
    }
    let list = "\(name) { \(clients.map { "\($0); " }.joined())}"
    if clients.isEmpty || clients.allSatisfy({ $0 == "none" }) {
      return Finding(
        .recursion, subject, .broken, "\(list): nobody may recurse",
        remedy: "Name the clients that need the clusters' names in allow-recursion { … }")
    }
    if clients.allSatisfy(Self.isThisHost) {
      return Finding(
        .recursion, subject, .warning, "\(list): only this host itself may recurse",
        remedy: """
          Name the clients that need the clusters' names in allow-recursion { … }; otherwise they get the DNAME and no \
          address
          """)
    }
    if let queries = setting("allow-query", view), queries.allSatisfy({ $0 == "none" }) {
      return Finding(
        .recursion, subject, .broken, "allow-query { none; }: nobody is answered",
        remedy: "Name the clients in allow-query { … }")
    }
    return Finding(.recursion, subject, .ok, list)
  }

  /// Whether named would recurse for this host.
  private var fromHere: Finding {
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.recursion, "recursion for this host", state, finding, remedy: remedy)
    }
    switch resolver.isRecursionAvailable {
    case nil:
      return link(.skipped, "skipped: named was not asked, or did not answer")
    case true?: return link(.ok, "named recurses for questions from here (RA)")
    case false?:
      return link(
        .broken, "named does not recurse for questions from here (no RA in its answers)",
        obstacles.first.map { "\($0.remedy) (\($0.location))" } ?? """
          Check recursion, allow-recursion and allow-query-cache for this host: without recursion, zonebridge cannot \
          see from here what named serves
          """)
    }
  }

  /// The access lists that exclude this host.
  private var obstacles: [ForwardingObstacle] {
    facts.desired.clusters.flatMap { cluster in
      facts.replies(of: cluster).flatMap { facts.explanation(of: $0, cluster.name) }
    }.filter { [.recursion, .accessList].contains($0.kind) }
  }

  // MARK: - Validation

  private func validation(in view: String?) -> Finding {
    let subject = title("validation", view)
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.recursion, subject, state, finding, remedy: remedy)
    }
    let key = view ?? "_default"
    guard let isOn = resolver.validation?.isOn[key], let roots = resolver.roots else {
      return link(.skipped, "skipped: named's control channel does not report it")
    }
    guard isOn else { return link(.ok, "named does not validate") }
    let exceptions = (roots.exceptions[key] ?? []) + unlistedExceptions(in: view)
    let bare = facts.desired.clusters.filter { cluster in
      guard let domain = facts.id(of: cluster)?.domain else { return false }
      return !exceptions.contains(where: domain.isSubdomain)
    }
    guard !bare.isEmpty else { return link(.ok, "on, and the clusters' zones are excepted") }
    let isOurs = facts.desired.bind.exemptsFromValidation
    return link(
      .warning,
      """
      on, and not excepted: \(bare.map(\.name).joined(separator: ", ")). Where the validator cannot prove \
      that dcos.directory is unsigned, it answers SERVFAIL
      """,
      isOurs
        ? "The next pass excepts them: zonebridge run --once"
        : "Write validate-except { \"dcos.directory\"; }; or leave it to zonebridge: dnssec-exempt: true"
    )
  }

  /// The names in `validate-except`, if named does not report them: `rndc secroots` of 9.16 lists only what `rndc nta`
  /// has set.
  private func unlistedExceptions(in view: String?) -> [DomainName] {
    guard case .success(let status)? = facts.named,
      let release = status.version.flatMap(BINDVersion.init)?.release,
      release < BINDVersion.Release(9, 18)
    else { return [] }
    return setting("validate-except", view)?.compactMap { try? DomainName($0) } ?? []
  }

  // MARK: - What the configuration says

  private func title(_ subject: String, _ view: String?) -> String {
    subject + (view.map { " in view \($0)" } ?? "")
  }

  /// A setting of a view, or else of `options`: the value, or the entries of the list.
  private func setting(_ keyword: String, _ view: String?) -> [String]? {
    facts.actual?.tree.setting(keyword, in: view).map { setting in
      setting.clause.value.map { [$0] } ?? setting.clause.list.map(\.description)
    }
  }

  private static func isNo(_ word: String) -> Bool {
    ["no", "false", "0"].contains(word.lowercased())
  }

  private static func isThisHost(_ client: String) -> Bool {
    ["localhost", "none", "127.0.0.1", "127.0.0.0/8", "127/8", "::1", "::1/128"].contains(client)
  }
}
