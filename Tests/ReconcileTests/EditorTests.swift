import DCOS
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// An operator who saves a file while a pass is under way.
@Suite(.timeLimit(.minutes(5))) struct EditorTests {
  private static let files = [
    "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
    "db": "$TTL 60\n@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n@ NS ns.example.net.\n",
  ]

  private func run(_ site: Site, saving: @escaping (Int) throws -> Void) async throws -> PassResult
  {
    let pass = Pass(desired: site.desired, tools: try NamedTools.locate())
    var count = 0
    return try await pass.run(observers: try ClusterObservers(site.desired.clusters), now: { 0 }) {
      _ in
      count += 1
      #expect(throws: Never.self) { try saving(count) }
    }
  }

  @Test("what was saved stands, and the pass starts afresh", arguments: 1...2)
  func saved(times: Int) async throws {
    try await withSite(Self.files, aliases: ["x.contoso.com"]) { site in
      let outcome = try await run(site) { count in
        if count <= times {
          try site.folder.write("db", try site.text("db") + "n\(count) A 192.0.2.\(count)\n")
        }
      }
      #expect(outcome.problems.isEmpty)
      let text = try site.text("db")
      for count in 1...times { #expect(text.contains("n\(count) A 192.0.2.\(count)\n")) }
      #expect(text.contains("; BEGIN zonebridge x.contoso.com"))
    }
  }

  @Test("who saves all the while is not overwritten") func ceaseless() async throws {
    try await withSite(Self.files, aliases: ["x.contoso.com"]) { site in
      let conf = try site.text("named.conf")
      let error = await #expect(throws: PassError.self) {
        _ = try await run(site) { count in
          try site.folder.write("db", try site.text("db") + "n\(count) A 192.0.2.\(count)\n")
        }
      }
      #expect(error?.description.contains("their version stays") == true)
      #expect(try site.text("db").hasSuffix("n3 A 192.0.2.3\n"))
      #expect(try site.text("named.conf") == conf)
    }
  }
}
