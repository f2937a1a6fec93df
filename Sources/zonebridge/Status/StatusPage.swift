import NIOCore
import NIOHTTP1

/// What the agent answers to a question over HTTP, as a function of what is known of it.
struct StatusPage {
  private static let plain = "text/plain; charset=utf-8"

  let status: HTTPResponseStatus
  let contentType: String
  /// What a browser may do with it.
  let policy: String
  /// Copies share the bytes, however many connections have them to send.
  let body: ByteBuffer

  /// What a path leads to.
  ///
  /// - Parameters:
  ///   - path: without a query.
  ///   - agent: what is known.
  ///   - past: what the agent has done.
  init(_ path: some StringProtocol, of agent: AgentStatus, _ past: AgentPast = AgentPast()) {
    switch path {
    case "/":
      self.init(
        contentType: "text/html; charset=utf-8", policy: AgentPage.policy,
        body: AgentPage(agent, past, host: HostNames.kernelName ?? "localhost").text)
    case "/metrics": self.init(metrics: agent)
    case "/healthz": self.init(health: agent)
    case "/readyz": self.init(readiness: agent)
    case "/status": self.init(status: agent)
    default: self.init(status: .notFound, body: "not found\n\(Self.index)")
    }
  }

  init(
    status: HTTPResponseStatus = .ok, contentType: String = Self.plain,
    policy: String = "default-src 'none'; frame-ancestors 'none'", body: String
  ) {
    self.status = status
    self.contentType = contentType
    self.policy = policy
    self.body = ByteBuffer(string: body)
  }

  private static let index = """
    zonebridge keeps ISC BIND in step with DC/OS clusters.

    /         the status, as a page
    /metrics  for Prometheus
    /healthz  200 while the agent lives, else 503
    /readyz   200 while it is in sync, else 503, and why it is not
    /status   what zonebridge status --json prints

    """

  private init(metrics agent: AgentStatus) {
    let families = AgentMetrics(status: agent).families + (ProcessMetrics.current?.families ?? [])
    self.init(contentType: PrometheusText.contentType, body: PrometheusText.text(of: families))
  }

  private init(status agent: AgentStatus) {
    do {
      let report = StatusReport(status: agent, source: .agent)
      self.init(contentType: "application/json", body: try report.json + "\n")
    } catch {
      self.init(status: .internalServerError, body: "\(error)\n")
    }
  }

  private init(health agent: AgentStatus) {
    if agent.state() == .hung {
      let text = StatusText(StatusReport(status: agent, source: .agent))
      self.init(status: .serviceUnavailable, body: text.headline.text + "\n")
    } else {
      self.init(body: "ok\n")
    }
  }

  private init(readiness agent: AgentStatus) {
    if agent.state() == .inSync {
      self.init(body: "ok\n")
    } else {
      let text = StatusText(StatusReport(status: agent, source: .agent))
      self.init(status: .serviceUnavailable, body: text.reasons.joined(separator: "\n") + "\n")
    }
  }
}
