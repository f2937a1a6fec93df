import DCOS
import Synchronization

/// A secret that a test can exchange.
final class ChangingSecret: Sendable {
  private let text: Mutex<String>

  init(_ text: String) {
    self.text = Mutex(text)
  }

  func change(to new: String) {
    text.withLock { $0 = new }
  }

  var source: SecretSource {
    SecretSource(name: "/etc/zonebridge/secret") { () throws(SecretError.Problem) in
      Secret(self.text.withLock { $0 })
    }
  }
}

extension SecretSource {
  /// A secret that stays what it is.
  static func fixed(_ text: String) -> SecretSource { ChangingSecret(text).source }
}
