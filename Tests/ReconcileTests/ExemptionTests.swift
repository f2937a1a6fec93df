import DNSNames
import Named
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// The clusters' zones among the names that named does not validate.
@Suite(.timeLimit(.minutes(5))) struct ExemptionTests {
  private static let domain = "\(Site.ids[0]).dcos.directory"

  /// What named takes the validate-except lists to be, in the order in which it prints them.
  private func exceptions(_ site: Site) async throws -> [[String]] {
    var lists: [[String]] = []
    var isInside = false
    for line in try await site.canonical() {
      let text = line.trimmed
      if text.hasPrefix("validate-except") {
        lists.append([])
        isInside = true
      } else if isInside, text == "};" {
        isInside = false
      } else if isInside, text.hasPrefix("\"") {
        lists[lists.count - 1].append(String(text.dropFirst().dropLast(2)))
      }
    }
    return lists
  }

  @Test(
    "wherever validation is on, the zone is exempt, and taken out the bytes are back",
    arguments: [
      ("", [[domain]]),
      ("options { recursion yes; };\n", [[domain]]),
      ("options {\n    dnssec-validation auto;\n};\n", [[domain]]),
      ("options { dnssec-validation yes; };\n", [[domain]]),
      ("options { dnssec-validation no; };\n", []),
      ("options { dnssec-validation False; };\n", []),
      (
        "options {\n\tvalidate-except {\n\t\t\"corp.example\";\n\t};\n};\n",
        [["corp.example", domain]]
      ),
      ("options { validate-except { \"corp.example\"; }; };\n", [["corp.example", domain]]),
      ("options { validate-except { }; };\n", [[domain]]),
      ("options { validate-except { \"dcos.directory\"; }; };\n", [["dcos.directory"]]),
      ("options { validate-except { \"DIRECTORY.\"; }; };\n", [["DIRECTORY."]]),
      ("options { include \"FOLDER/o\"; };\n", [["lab.example", domain]]),
      ("view a { };\nview b { };\n", [[domain], [domain]]),
      ("view a { dnssec-validation no; };\nview b { };\n", [[domain]]),
      (
        "options { dnssec-validation no; };\nview a { dnssec-validation yes; };\nview b { };\n",
        [[domain]]
      ),
      (
        "options { validate-except { \"x.\"; }; };\nview a { };\nview b { };\n",
        [["x.", domain]]
      ),
      (
        "options { validate-except { \"x.\"; }; };\nview a { };\nview b { validate-except { y; }; };\n",
        [["x.", domain], ["y", domain]]
      ),
      ("view a { include \"FOLDER/o\"; };\nview b { };\n", [["lab.example", domain], [domain]]),
    ] as [(String, [[String]])])
  func places(conf: String, lists: [[String]]) async throws {
    let files = ["named.conf": conf, "o": "validate-except { \"lab.example\"; };\n"]
    try await withSite(files) { site in
      let before = try site.files()
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty)
      #expect(try await exceptions(site) == lists)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.files() == before)
    }
  }

  @Test("dnssec-exempt: false takes it out again")
  func switchedOff() async throws {
    try await withSite(["named.conf": "options { };\n"]) { site in
      try await site.pass()
      var off = site
      off.desired.bind.exemptsFromValidation = false
      try await off.pass()
      #expect(try await exceptions(site) == [])
      #expect(try site.text("named.conf").hasPrefix("options { };\n"))
    }
  }

  @Test("an operator who writes a list of his own gets the entries in it")
  func ownListAppears() async throws {
    try await withSite(["named.conf": "options {\n};\n"]) { site in
      try await site.pass()
      let conf = try site.text("named.conf")
      try site.folder.write(
        "named.conf",
        conf.replacing("options {\n", with: "options {\n\tvalidate-except { \"corp.example\"; };\n")
      )
      try await site.pass()
      #expect(try await exceptions(site) == [["corp.example", Self.domain]])
      try await site.expectSettled()
      try await site.removeAll()
      #expect(
        try site.text("named.conf")
          == "options {\n\tvalidate-except { \"corp.example\"; };\n};\n")
    }
  }

  @Test("several clusters, of which one goes")
  func clusters() async throws {
    try await withSite(["named.conf": "options { };\n"]) { site in
      var two = site
      two.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      try await two.pass()
      #expect(
        try await exceptions(site) == [[Self.domain, "\(Site.ids[1]).dcos.directory"]])
      two.desired.clusters.removeFirst()
      try await two.pass()
      #expect(try await exceptions(site) == [["\(Site.ids[1]).dcos.directory"]])
    }
  }

  // MARK: Where in views

  private static let views = """
    options { validate-except { "x."; }; };
    view a { dnssec-validation no; };
    view b { };
    view c { validate-except { y; }; };
    view d CH { };

    """

  /// How often the plan has the cluster's zone except in which parts of the file.
  private func excepted(_ plan: Plan, in parts: [String]) -> [Int] {
    let text = plan.text("named.conf") ?? ""
    let starts =
      parts.map { text.firstRange(of: $0)?.lowerBound ?? text.endIndex } + [text.endIndex]
    return zip(starts, starts.dropFirst()).map { start, end in
      text[start..<end].split(separator: "\"\(Self.domain)\";", omittingEmptySubsequences: false)
        .count - 1
    }
  }

  @Test(
    "the views that are chosen → their exceptions go where named looks for them, and no others do",
    arguments: [
      (nil, [1, 0, 0, 1, 0]), (["a"], [0, 0, 0, 0, 0]), (["b"], [1, 0, 0, 0, 0]),
      (["c"], [0, 0, 0, 1, 0]), (["a", "b"], [1, 0, 0, 0, 0]),
    ] as [([String]?, [Int])])
  func chosenViews(views: [String]?, counts: [Int]) async throws {
    let parts = ["options", "view a", "view b", "view c", "view d"]
    try await withPlanning(["named.conf": Self.views], views: views, aliases: []) { planning in
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && excepted(plan, in: parts) == counts)
      #expect((plan.attempts[.exemption] != nil) == (counts != [0, 0, 0, 0, 0]))
      try planning.write(plan)
      try await planning.plan().expectNothing()
    }
  }

  @Test("one view needs them no longer → they go from there, and stay in the other")
  func viewGoes() async throws {
    let conf = "view a { };\nview b { };\n"
    try await withPlanning(["named.conf": conf], aliases: []) { planning in
      let parts = ["view a", "view b"]
      let first = try await planning.carryOut()
      #expect(excepted(first, in: parts) == [1, 1])
      planning.desired.bind.reload = .rndc(.init())
      planning.desired.bind.views = ["b"]
      let plan = try await planning.plan()
      #expect(excepted(plan, in: parts) == [0, 1])
      // What was cached under validation says SERVFAIL still.
      #expect(plan.commandLines == ["rndc reconfig", "rndc flushtree \(Self.domain)"])
      #expect(
        plan.servedAfterwards == [
          .forwarded(name: try DomainName("mesos.\(Self.domain)"), cluster: "prod")
        ])
    }
  }

  @Test("only the exceptions come or go → the cache is emptied, and the forward zone asked")
  func exceptionsAlone() async throws {
    try await withPlanning(["named.conf": "options { };\n"], aliases: []) { planning in
      planning.desired.bind.reload = .rndc(.init())
      planning.desired.bind.exemptsFromValidation = false
      try await planning.carryOut()
      for isOn in [true, false] {
        planning.desired.bind.exemptsFromValidation = isOn
        let plan = try await planning.carryOut()
        #expect(plan.text("named.conf")?.contains("validate-except") == isOn)
        #expect(Set(plan.attempts.keys) == [.exemption])
        // What was cached under validation says SERVFAIL still.
        #expect(plan.commandLines == ["rndc reconfig", "rndc flushtree \(Self.domain)"])
        let name = try DomainName("mesos.\(Self.domain)")
        #expect(plan.servedAfterwards == [.forwarded(name: name, cluster: "prod")])
      }
    }
  }

  @Test("an adoption → writes no exceptions; a removal → takes out those of what goes alone")
  func purposes() async throws {
    try await withPlanning(["named.conf": "view a { };\n"], aliases: []) { planning in
      planning.operation = .adoption(of: ["prod"])
      try await planning.plan().expectNothing()
      planning.operation = .reconcile
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      try await planning.carryOut()
      planning.desired.clusters.removeFirst()
      planning.operation = .removal(of: ["prod"])
      let plan = try await planning.plan()
      let text = plan.text("named.conf") ?? ""
      #expect(!text.contains(Self.domain) && text.contains("\t\"\(Site.ids[1]).dcos.directory\";"))
      #expect(Set(plan.attempts.keys) == [.exemption, .cluster("prod")])
    }
  }

  @Test("a cluster is not written yet → its zone is not excepted; unseen later → it stays excepted")
  func notWritten() async throws {
    try await withPlanning(["named.conf": "options { };\n"], aliases: ["x.elsewhere.example"]) {
      planning in
      let plan = try await planning.plan()
      plan.expectNothing()
      planning.desired.aliases = []
      try await planning.carryOut()
      planning.unseen = ["prod"]
      let later = try await planning.plan()
      later.expectNothing()
    }
  }
}

extension String {
  fileprivate var trimmed: Substring {
    self[...].drop { $0 == " " || $0 == "\t" }
  }
}
