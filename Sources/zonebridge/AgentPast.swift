import Reconcile
import ReconcileModel

/// What an agent has done, beside its present state, which is ``AgentStatus``.
struct AgentPast: Hashable, Sendable {
  /// The changes that can be reverted, the last one first.
  var changes: [PastChange] = []
  var timings = PassTimings()
}

/// A change of the history, in words: the bytes around its edits may hold a key, and stay where they are.
struct PastChange: Hashable, Sendable {
  /// Where an alias led, and where it has led since.
  struct Move: Hashable, Sendable {
    var alias: String
    var view: String?
    var old: String?
    var new: String?
  }

  var number: Int
  /// In seconds since 1970.
  var time: Int64
  var title: String
  var files: [String]
  var moves: [Move]

  init(number: Int, time: Int64, title: String, files: [String], moves: [Move] = []) {
    self.number = number
    self.time = time
    self.title = title
    self.files = files
    self.moves = moves
  }

  init(_ entry: HistoryEntry) {
    self.init(
      number: entry.number, time: entry.time, title: entry.title,
      files: entry.files.map(\.path) + entry.updates.map { "zone \($0.zone) (DNS UPDATE)" },
      moves: entry.aliases.map { alias in
        Move(
          alias: alias.owner.withoutFinalDot, view: alias.view, old: alias.old?.withoutFinalDot,
          new: alias.new?.withoutFinalDot)
      })
  }
}

extension String {
  fileprivate var withoutFinalDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
