import Synchronization
import SystemPackage
import TestSupport

/// Takes down, whenever a file is replaced, which forwarders it has for which cluster ID.
final class ForwarderWatch: Sendable {
  private let seen = Mutex<[(time: Milliseconds, forwarders: [String: Set<String>])]>([])
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(_ file: FilePath) {
    let task = Task { [weak self] in
      var last: [UInt8] = []
      while !Task.isCancelled, let self {
        if let bytes = try? readFile(file), bytes != last {
          last = bytes
          let forwarders = Self.forwarders(in: String(decoding: bytes, as: UTF8.self))
          seen.withLock { $0.append((.now, forwarders)) }
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    self.task.withLock { $0 = task }
  }

  deinit { task.withLock { $0?.cancel() } }

  /// What each ID's forwarders were, and when.
  var timelines: [String: Timeline<Set<String>>] {
    seen.withLock { seen in
      var timelines: [String: Timeline<Set<String>>] = [:]
      let ids = Set(seen.flatMap(\.forwarders.keys))
      for (time, forwarders) in seen {
        for id in ids { timelines[id, default: Timeline()].set(forwarders[id] ?? [], from: time) }
      }
      return timelines
    }
  }

  /// The forwarders of the forward zones in a text that has a zone's name and its forwarders in lines of their own.
  static func forwarders(in text: String) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    var id: String?
    for line in text.split(separator: "\n") {
      if let zone = line.firstMatch(of: /zone "([a-z0-9]+)\.dcos\.directory"/) {
        id = String(zone.output.1)
      }
      guard let id, line.contains("forwarders") else { continue }
      found[id] = Set(line.matches(of: /127(?:\.\d+){3}/).map { String($0.output) })
    }
    return found
  }
}
