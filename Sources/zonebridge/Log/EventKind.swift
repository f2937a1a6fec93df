/// The events that an operator may want to filter by, or be woken up for.
///
/// Each has a message ID for good, by which journald finds it (`journalctl MESSAGE_ID=…`) and its
/// explanation in the catalog (`journalctl -x`).
enum EventKind: String, CaseIterable, Sendable {
  /// The agent was started.
  case started
  /// The agent ends because it was told to.
  case stopped
  /// The configuration was read again.
  case configurationLoaded = "configuration-loaded"
  /// A new configuration is wrong, and the agent keeps the old one.
  case configurationRefused = "configuration-refused"
  /// BIND's files or zones were changed, or named was told what it had not loaded.
  case changed
  /// A change was reverted, because named refused it or did not serve it.
  case putBack = "put-back"
  /// An alias with several clusters leads to another one of them.
  case switched
  /// A block that somebody edited by hand is overwritten.
  case handEdit = "hand-edit"
  /// A safeguard holds a change until an operator decides.
  case held
  /// Names were added below an alias, which hides them.
  case hidden
  /// Something failed, and nothing has changed.
  case failed
  /// What was held or failed is resolved.
  case resolved
  /// A master does not answer as it should, and the others agree without it.
  case masterDown = "master-down"
  /// A master answers again.
  case masterUp = "master-up"
  /// The login was refused, so that a token was not renewed; the one in use is still good for a while.
  case renewalRefused = "renewal-refused"
  /// A change that was cut off was completed or reverted.
  case recovered

  /// 128 bits in hexadecimal digits (sd_id128_t), made once with `journalctl --new-id128`.
  var messageID: String {
    switch self {
    case .started: "4158ea3fa2e24bb88f35e154d5d65d78"
    case .stopped: "b81058132f844f8bbec181c31af47eeb"
    case .configurationLoaded: "ac1782459c054ecc8dcdb8a7c88e2b10"
    case .configurationRefused: "e01eb97ca7a0456d929fe3fbd65d2d00"
    case .changed: "5a51627640134626b26ad4cbb3911dbc"
    case .putBack: "a1fe07ba6b5740eeb72351a5e58e4352"
    case .switched: "5d0b8fd2f64d4e0f9f5a3c77b1f2a846"
    case .handEdit: "3b6cf3ad8ba84e728a41ebc01a6c5854"
    case .held: "9faf857266e14bbfbcb05c0a9613104a"
    case .hidden: "7c0d4f0be1c24a3f9b0f6a2d5e81c394"
    case .failed: "d0e953c91e314cefa93f096c5a8b314c"
    case .resolved: "3bac059311a54910830cda3916dc2ac1"
    case .masterDown: "7e1f1b7c3c0a4b55a3f2a4d0c7f9c1e6"
    case .masterUp: "c9a4f0d86b0e4f2f8e5d3b7a16f04d92"
    case .renewalRefused: "a3d86c0f5be7417a9f50d1c2e86b47a9"
    case .recovered: "52c168b44b444e4398e5eb9108f4bdfb"
    }
  }
}
