import Logging

/// The name of the pass that a task makes: what joins the lines of one pass in the log.
///
/// It belongs to the task, so everything that a pass logs has it.
enum PassID {
  @TaskLocal static var current: String?

  /// 64 bits in hexadecimal digits, another one each time.
  static func make() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The field of a line that is no event.
  static var metadata: Logger.Metadata {
    current.map { ["PASS_ID": "\($0)"] } ?? [:]
  }
}
