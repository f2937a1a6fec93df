import Named
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite(
  "check: recursion and validation, as the configuration and named tell them",
  .timeLimit(.minutes(5)))
struct CheckRecursionTests {
  /// The links about recursion, view by view.
  private func links(
    _ files: [String: String], resolver: ResolverProbe = ResolverProbe()
  ) async throws -> [Finding] {
    var links: [Finding] = []
    try await withSite(files) { site in
      var facts = DiagnosisFacts(desired: site.desired, tools: .success(try NamedTools.locate()))
      let proposal = try await site.propose()
      facts.actual = proposal.actual
      facts.plan = proposal.plan
      facts.resolver = resolver
      links = RecursionCheck(facts: facts).findings
    }
    return links
  }

  private func state(_ options: String) async throws -> Finding.State {
    try await links(["named.conf": "options { \(options) };\n"])[0].state
  }

  @Test("access lists, and what stands in for them") func accessLists() async throws {
    #expect(try await state("") == .ok)
    #expect(try await state("recursion no;") == .broken)
    #expect(try await state("recursion yes; allow-recursion { 10.0.0.0/8; };") == .ok)
    #expect(try await state("allow-recursion { none; };") == .broken)
    #expect(try await state("allow-recursion { };") == .broken)
    #expect(try await state("allow-recursion { 127.0.0.0/8; ::1; };") == .warning)
    #expect(try await state("allow-query { localhost; };") == .warning)
    #expect(try await state("allow-query-cache { any; }; allow-query { localhost; };") == .ok)
    #expect(try await state("allow-recursion { any; }; allow-query { none; };") == .broken)
  }

  @Test("a view's own word, and that of an included file") func views() async throws {
    let links = try await links([
      "named.conf": """
      options { recursion no; include "FOLDER/more"; };
      view "a" { recursion yes; allow-recursion { localhost; }; };
      view "b" { include "FOLDER/b"; };
      view "c" { };

      """,
      "more": "allow-recursion { 10.0.0.0/8; };\n",
      "b": "recursion yes;\n",
    ])
    #expect(links.prefix(3).map(\.subject) == ["a", "b", "c"].map { "recursion in view \($0)" })
    #expect(links.prefix(3).map(\.state) == [.warning, .ok, .broken])
    #expect(links[1].finding == "allow-recursion { 10.0.0.0/8; }")
  }

  @Test("what named says of validation") func validation() async throws {
    func state(_ status: String, _ roots: String) async throws -> Finding.State? {
      var probe = ResolverProbe()
      probe.validation = ValidationStatus(parsing: status)
      probe.roots = SecureRoots(parsing: roots)
      return try await links(["named.conf": "options { };\n"], resolver: probe)
        .first { $0.subject == "validation" }?.state
    }
    let on = "DNSSEC validation is enabled (view _default)\n"
    let off = "DNSSEC validation is disabled (view _default)\n"
    let start = " Start view _default\n   Negative trust anchors:\n\n"
    #expect(try await state(off, start) == .ok)
    #expect(try await state(on, start) == .warning)
    #expect(try await state(on, start + "dcos.directory: permanent\n") == .ok)
    #expect(try await state(on, start + "\(Site.ids[0]).dcos.directory: permanent\n") == .ok)
    #expect(try await state(on, start + "\(Site.ids[1]).dcos.directory: permanent\n") == .warning)
    #expect(try await state("", start) == .skipped)
  }
}
