import ReconcileModel
import SystemPackage

/// The named whose files these are, as a process of this host.
struct NamedProcess: Hashable, Sendable {
  /// Nil where none runs here, and what is said of it is what is usual.
  var identifier: Int?
  var account: UnixUser

  /// Looks through the host's processes for a named that reads our configuration; where none runs, the
  /// user that distributions give it counts.
  ///
  /// - Parameters:
  ///   - bind: where named begins to read.
  ///   - proc: where the processes are told.
  /// - Returns: nil where there is not even such a user.
  static func find(reading bind: BINDSettings, in proc: FilePath = "/proc") -> NamedProcess? {
    let processes = proc.entries.compactMap { Int($0) }.sorted().filter { identifier in
      ProcessFields(of: "\(identifier)", in: proc)?.name == "named"
    }
    let ours = processes.first { reads(bind, arguments(of: $0, in: proc)) }
    // One alone is ours, whatever it was started with: a container or a wrapper may hide the path.
    let process = ours ?? (processes.count == 1 ? processes.first : nil)
    if let process, let fields = ProcessFields(of: "\(process)", in: proc), let user = fields.user {
      return NamedProcess(
        identifier: process,
        account: UnixUser(name: UnixUser.name(of: user), user: user, groups: fields.groups))
    }
    return ["bind", "named"].lazy.compactMap { UnixUser(named: $0) }.first
      .map { NamedProcess(identifier: nil, account: $0) }
  }

  private static func arguments(of process: Int, in proc: FilePath) -> [String] {
    let text = readPseudoFile(proc.appending("\(process)").appending("cmdline")) ?? ""
    return text.split(separator: "\0").map(String.init)
  }

  /// Whether named was started on our file, by `-c FILE` or by what it was built with.
  private static func reads(_ bind: BINDSettings, _ arguments: [String]) -> Bool {
    let usual: [FilePath] = ["/etc/bind/named.conf", "/etc/named.conf"]
    for (index, argument) in arguments.enumerated() where argument.hasPrefix("-c") {
      let value =
        argument.count > 2
        ? String(argument.dropFirst(2)) : arguments.dropFirst(index + 1).first ?? ""
      return bind.root.onHost(FilePath(value)) == bind.namedConf
    }
    return usual.contains { bind.root.onHost($0) == bind.namedConf }
  }
}
