import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// The page for people, of an agent that runs.
@Suite("The page of an agent", .serialized, .timeLimit(.minutes(5))) struct PageTests {
  @Test(
    "an agent that has applied a change, and then holds another ID → the page tells both, with the diff"
  )
  func page() async throws {
    let port = try freePort()
    let other = SampleID.other
    try await withHost { host in
      try await host.configure(rest: "metrics: { listen: \"127.0.0.1:\(port)\" }")
      let agent = try host.start()
      try await eventually("the change is told; \(agent.output)") {
        let page = try await get(port)
        return page.contains("<td class=\"number\">1</td>")
          && page.contains("Clients get their answers") && page.contains("<rect ")
      }
      let page = try await get(port)
      #expect(page.hasPrefix("HTTP/1.1 200 "))
      #expect(page.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"))
      #expect(page.contains("\r\nContent-Security-Policy: default-src 'none'; style-src 'sha256-"))
      #expect(page.contains("<h3>cluster.contoso.com</h3>"))
      #expect(page.contains("\(host.named.namedConfLocal)"))
      #expect(!page.contains("What needs your attention"))

      await host.cluster.setID(other)
      try await eventually("the held change is told; \(agent.output)") {
        try await get(port).contains("zonebridge run --once --accept prod</code>")
      }
      let held = try await get(port)
      #expect(
        held.contains("<span class=\"new\">+zone &quot;\(other).dcos.directory&quot; {</span>"))
      #expect(held.contains("mesos.\(other).dcos.directory."))
      // It is what diff would show, and nothing is written.
      let diff = try await host.zonebridge("diff", "--accept", "prod")
      #expect(diff.standardOutput.contains("+zone \"\(other).dcos.directory\" {"))
      #expect(try !host.text("named.conf.local").contains(other))
      let json = try await host.zonebridge("status", "--json").standardOutput
      #expect(json.contains("\"held\" : [") && json.contains("\"cluster\" : \"prod\""))
      #expect(try await agent.stop() == 0, "\(agent.output)")
    }
  }
}

/// The answer with its head; empty where nobody listens.
private func get(_ port: UInt16) async throws -> String {
  try await run(
    "/usr/bin/curl",
    arguments: ["--silent", "--include", "--max-time", "5", "http://127.0.0.1:\(port)/"]
  ).standardOutput
}
