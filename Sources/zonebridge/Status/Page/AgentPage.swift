import Crypto
import FoundationEssentials
import Reconcile
import ReconcileModel

/// The page for people: what clients get, what waits for a decision, and what was done, without a line of script.
struct AgentPage {
  let status: AgentStatus
  let past: AgentPast
  /// Of which host it is.
  let host: String

  init(_ status: AgentStatus, _ past: AgentPast, host: String) {
    self.status = status
    self.past = past
    self.host = host
  }

  /// Styles are those of the page alone, by their digest; nothing else is loaded, sent or run.
  static let policy: String = {
    let digest = Data(SHA256.hash(data: Data(PageStyle.sheet.utf8))).base64EncodedString()
    return """
      default-src 'none'; style-src 'sha256-\(digest)'; img-src data:; base-uri 'none'; form-action 'none'; \
      frame-ancestors 'none'
      """
  }()

  var record: AgentRecord? { status.record }
  var pass: PassRecord? { record?.pass }

  var text: String { document.text }

  private var document: HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="refresh" content="\(refresh)">
    <title>\(state.mark) \(host): zonebridge</title>
    <link rel="icon" href="\(PageStyle.icon)">
    <style>\(PageStyle.markup)</style>
    </head>
    <body>
    \(head)
    <main>
    \(problems)
    \(chains)
    \(clusters)
    \(changes)
    \(timings)
    </main>
    \(foot)
    </body>
    </html>

    """
  }

  /// As often as there is news, in seconds.
  private var refresh: Int { Int(min(max(status.agent?.interval ?? 30, 10), 300)) }

  // MARK: The head

  private var state: OverallState { status.state() }

  private var head: HTML {
    let headline = StatusText(StatusReport(status: status, source: .agent)).headline.text
    return """
      <header class="\(state.style)">
      <p class="host">\(host)</p>
      <h1><span class="mark">\(state.mark)</span> \(headline)</h1>
      <ul class="facts">\(facts)</ul>
      \(refusal)
      </header>
      """
  }

  private var facts: [HTML] {
    var facts: [HTML] = []
    if state != .inSync {
      facts.append("<li>last in sync \(record?.lastInSync.map(moment) ?? "never")</li>")
    }
    guard let agent = status.agent else { return facts }
    if let began = agent.passBegan {
      facts.append("<li>a pass is under way for \(age(began))</li>")
    } else if let next = agent.nextPass {
      facts.append(
        next > status.time
          ? "<li>next pass in \(Age(of: status.time, at: next))</li>" : "<li>next pass now</li>")
    }
    return facts + [
      "<li>zonebridge \(status.version), process \(Int(agent.pid)), up for \(age(agent.started))</li>",
      """
      <li><code>\(agent.configuration.path)</code>, read \(moment(agent.configuration.loaded))</li>
      """,
    ]
  }

  private var refusal: HTML {
    guard let reason = status.agent?.configuration.refusal else { return "" }
    return """
      <div class="card bad"><h3>The new configuration is refused, and the agent keeps the old \
      one</h3>\(paragraphs(reason))<p class="do"><code>zonebridge validate</code></p></div>
      """
  }

  private var foot: HTML {
    """
    <footer><p>As of \(CivilTime(secondsSince1970: status.time)); this page reloads itself.</p>
    <nav><a href="/metrics">metrics</a> <a href="/status">status as JSON</a> <a href="/readyz">readyz</a> \
    <a href="/healthz">healthz</a></nav></footer>
    """
  }

  // MARK: Words

  func section(_ title: HTML, _ body: HTML) -> HTML {
    "<section><h2>\(title)</h2>\n\(body)\n</section>"
  }

  func age(_ moment: Int64) -> String { Age(of: moment, at: status.time).description }

  /// How long ago something was, with the exact time as its title.
  func moment(_ time: Int64) -> HTML {
    "<time title=\"\(CivilTime(secondsSince1970: time))\">\(age(time)) ago</time>"
  }

  /// The lines of a text, a paragraph each.
  func paragraphs(_ text: String, class name: HTML? = nil) -> HTML {
    let opening: HTML = name.map { "<p class=\"\($0)\">" } ?? "<p>"
    return "\(text.split(separator: "\n").map { "\(opening)\($0)</p>" as HTML })"
  }
}

extension OverallState {
  fileprivate var mark: String {
    switch self {
    case .inSync: "\u{2713}"
    case .held: "!"
    case .failed, .hung: "\u{2717}"
    case .stale, .unknown: "?"
    }
  }

  fileprivate var style: String {
    switch self {
    case .inSync: "good"
    case .held, .stale, .unknown: "doubtful"
    case .failed, .hung: "bad"
    }
  }
}
