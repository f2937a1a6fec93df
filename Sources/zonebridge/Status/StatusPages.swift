import NIOHTTP1
import Synchronization

/// The pages as they are now.
///
/// Each is made once for what is known: a thousand clients that ask in the same second cost as much as one, and share
/// the answer.
final class StatusPages: Sendable {
  private struct Made {
    let agent: AgentStatus
    let page: StatusPage
  }

  private let status: @Sendable () -> AgentStatus
  private let past: @Sendable () -> AgentPast
  private let made = Mutex<[String: Made]>([:])

  init(
    _ status: @escaping @Sendable () -> AgentStatus,
    past: @escaping @Sendable () -> AgentPast = { AgentPast() }
  ) {
    self.status = status
    self.past = past
  }

  /// The page that a request target leads to.
  func page(at target: String) -> StatusPage {
    let path = String(target.prefix { $0 != "?" && $0 != "#" })
    let agent = status()
    return made.withLock { made in
      if let made = made[path], made.agent == agent { return made.page }
      let page = StatusPage(path, of: agent, past())
      // There are as many as there are pages, whatever is asked for.
      if page.status != .notFound { made[path] = Made(agent: agent, page: page) }
      return page
    }
  }
}
