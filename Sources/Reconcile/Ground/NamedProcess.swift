import FileChange
import ReconcileModel
import SystemPackage

/// The named whose files these are, as a process of this host.
struct NamedProcess: Hashable, Sendable {
  /// Nil if none runs here, or none is visible: then the rest is what is usual.
  var identifier: Int?
  var account: UnixUser
  /// Whether the process says that it reads our configuration; one that runs alone may not.
  var isSure = false

  /// Looks through the host's processes for a named that reads our configuration; if none is visible, the user that
  /// `bind.user`, named's unit or the distribution gives it counts.
  ///
  /// - Parameters:
  ///   - bind: where named begins to read.
  ///   - proc: the folder with the processes.
  /// - Returns: nil where there is not even such a user.
  static func find(reading bind: BINDSettings, in proc: FilePath = "/proc") -> NamedProcess? {
    let presumed = bind.user ?? presumedUser
    let all = proc.entries.compactMap { Int($0) }.sorted().compactMap { identifier in
      Candidate(identifier, in: proc)
    }
    let ours = all.filter { $0.reads(bind) }
    // Anybody may start a named, and have it claim to read our files.
    let process = ours.first { $0.account.user == presumed?.user } ?? ours.first
    if let process {
      return NamedProcess(
        identifier: process.identifier, account: bind.user ?? process.account, isSure: true)
    }
    // One alone is ours, whatever it was started with: a container or a wrapper may hide the path.
    if let process = all.first, all.count == 1 {
      return NamedProcess(
        identifier: process.identifier, account: bind.user ?? process.account)
    }
    return presumed.map { NamedProcess(identifier: nil, account: $0) }
  }

  /// The directory that the named runs in which reads our configuration, as it names it: where relative paths begin as
  /// long as named.conf has no `directory`.
  ///
  /// - Parameters:
  ///   - bind: what it reads.
  ///   - proc: where the processes are told.
  /// - Returns: nil where that is not to be seen, or is another directory here.
  static func directory(of bind: BINDSettings, in proc: FilePath) -> FilePath? {
    guard let process = find(reading: bind, in: proc), process.isSure,
      let identifier = process.identifier
    else { return nil }
    let link = proc.appending("\(identifier)").appending("cwd")
    // In a mount namespace or a root of its own, the same path may lead elsewhere.
    guard let path = linkTarget(of: link), path.isAbsolute, let there = try? link.stat(),
      let here = try? path.stat(), NodeID(here) == NodeID(there)
    else { return nil }
    return bind.root.asNamed(path)
  }

  /// The user of a named that cannot be seen.
  static var presumedUser: UnixUser? {
    NamedUnit.user
      ?? ["bind", "named"].lazy.compactMap { UnixUser(named: $0) }.first
  }
}

/// A process that is called named.
private struct Candidate {
  let identifier: Int
  let account: UnixUser
  let arguments: [String]

  init?(_ identifier: Int, in proc: FilePath) {
    // A host has hundreds of processes; the rest is only read of those with the name.
    guard hasName("named", identifier, in: proc),
      let fields = ProcessFields(of: "\(identifier)", in: proc),
      // One that has ended shows no arguments, as if it had been started with the usual files.
      !fields.isZombie, let user = fields.user
    else { return nil }
    let text = readPseudoFile(proc.appending("\(identifier)").appending("cmdline")) ?? ""
    self.identifier = identifier
    arguments = text.split(separator: "\0").map(String.init)
    // named starts as root, and is another user as soon as it has its sockets.
    if user == 0, let name = arguments.value(of: "-u"), let account = UnixUser(named: name) {
      self.account = account
    } else {
      account = UnixUser(name: UnixUser.name(of: user), user: user, groups: fields.groups)
    }
  }

  /// Whether named was started on our file, by `-c FILE` or by what it was built with.
  func reads(_ bind: BINDSettings) -> Bool {
    if let file = arguments.value(of: "-c") {
      return bind.root.onHost(FilePath(file)) == bind.namedConf
    }
    let usual: [FilePath] = ["/etc/bind/named.conf", "/etc/named.conf"]
    return usual.contains { bind.root.onHost($0) == bind.namedConf }
  }
}

extension [String] {
  /// The value of a one-letter option, in the same word or the next.
  func value(of option: String) -> String? {
    guard let index = firstIndex(where: { $0.hasPrefix(option) }) else { return nil }
    let rest = self[index].dropFirst(option.count)
    if !rest.isEmpty { return String(rest) }
    return index + 1 < count ? self[index + 1] : nil
  }
}
