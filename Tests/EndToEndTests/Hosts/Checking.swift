import Foundation
import TestSupport
import Testing

/// What `zonebridge check --json` said.
struct Checked: Decodable {
  struct Link: Decodable {
    var section: String
    var subject: String
    var state: String
    var finding: String
    var cure: String
  }

  var result: String
  var links: [Link]

  init(_ text: String) throws {
    self = try JSONDecoder().decode(Checked.self, from: Data(text.utf8))
  }

  /// The links that are not as they should be, each as a line.
  var complaints: [String] {
    links.filter { $0.state != "ok" && $0.state != "skipped" }
      .map { "\($0.state) \($0.subject): \($0.finding) / \($0.cure)" }
  }

  /// The links whose subject has a text in it.
  func links(_ section: String, _ subject: String? = nil) -> [Link] {
    links.filter { link in
      link.section == section && (subject.map { link.subject.contains($0) } ?? true)
    }
  }

  /// The first of them.
  func link(
    _ section: String, _ subject: String? = nil,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> Link {
    try #require(
      links(section, subject).first, "\(complaints)", sourceLocation: sourceLocation)
  }

  func state(_ section: String, _ subject: String) -> String? {
    links(section, subject).first?.state
  }
}

extension Host {
  /// A zone with this host as its only name server, so that nothing beyond it has to be asked.
  static let ownZone = """
    $TTL 3600
    @ IN SOA ns.contoso.com. hostmaster.contoso.com. 41 3600 900 1209600 60
    @ IN NS ns
    ns IN A 127.0.0.1
    www IN A 192.0.2.80

    """

  func check() async throws -> (status: Int32, report: Checked) {
    let result = try await zonebridge("check", "--json")
    return (result.status, try Checked(result.standardOutput))
  }

  /// Writes over a file, which stays whose it is.
  func overwrite(_ name: String, _ text: String) throws {
    try named.folder.write(name, text)
  }

  /// Puts one text in another's place in a file, and has named read its configuration.
  func edit(_ name: String, _ text: String, to other: String) async throws {
    try overwrite(name, try self.text(name).replacing(text, with: other))
    try await named.rndc("reconfig")
  }
}

/// A host on which everything is as it should be, after a pass.
func withSoundHost(
  zone: String = Host.ownZone, local: String = "", _ body: (Host) async throws -> Void
) async throws {
  try await withHost(zone: zone, local: local) { host in
    try await host.edit(
      "named.conf", "allow-recursion { localhost; }",
      to: "allow-recursion { localnets; localhost; }")
    let pass = try await host.zonebridge("--once")
    try #require(pass.status == 0, "\(pass.standardError)")
    try await body(host)
  }
}
