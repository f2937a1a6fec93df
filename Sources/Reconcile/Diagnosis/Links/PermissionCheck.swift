import BINDText
import FileChange
import Glibc
import Planning
import ReconcileModel
import SystemPackage

/// Whether the files that passes write can be replaced, and read by named afterwards.
///
/// A file is replaced by a rename, which needs no permission on the file and all of them on its directory.
struct PermissionCheck: LinkCheck {
  let facts: DiagnosisFacts

  private var process: NamedProcess? { facts.process }
  private var stateDirectory: FilePath { facts.stateDirectory }
  private var user: UnixUser { facts.user }

  var findings: [Finding] {
    let files = writtenFiles.map { path in
      ReplacementPreflight(of: path).map(link)
        ?? Finding(.permissions, "\(path)", .broken, "\(user.name) cannot see it")
    }
    return [userLink] + [namedLink] + [stateLink] + files + madeFolders.map(link)
  }

  // MARK: - Who looks, and who reads

  /// Passes run as the owner of the state directory.
  private var userLink: Finding {
    let owner = (try? stateDirectory.stat())?.userID.rawValue
    guard let owner, owner != user.user, user.user == 0 else {
      return Finding(.permissions, "user", .ok, "checks run as \(user.name)")
    }
    let name = UnixUser.name(of: owner)
    return Finding(
      .permissions, "user", .warning,
      "checks run as root, and \(stateDirectory) is \(name)'s: passes seem to run as \(name)",
      remedy: "Run it as that user: runuser -u \(name) -- zonebridge check")
  }

  private var namedLink: Finding {
    guard let process else {
      return Finding(
        .permissions, "named's user", .skipped,
        "no named runs on this host, and it has no user bind or named, so the user who reads the files is not known"
      )
    }
    guard let identifier = process.identifier else {
      return Finding(
        .permissions, "named's user", .ok,
        "no named runs on this host now; checks assume \(process.account.name)")
    }
    return Finding(
      .permissions, "named's user", .ok,
      "named runs as \(process.account.name) (process \(identifier))")
  }

  // MARK: - The state

  private var stateLink: Finding {
    guard let directory = DirectoryPreflight(of: stateDirectory) else {
      let parent = DirectoryPreflight(of: stateDirectory.removingLastComponent())
      if parent != nil, parent?.refusal == nil {
        return Finding(
          .permissions, "\(stateDirectory)", .ok, "does not exist yet; the first pass makes it")
      }
      return Finding(
        .permissions, "\(stateDirectory)", .broken,
        "the state directory does not exist, and \(user.name) cannot make it",
        remedy: "install -d -o \(user.name) \(stateDirectory)")
    }
    if let refusal = directory.refusal {
      return Finding(
        .permissions, "\(stateDirectory)", .broken,
        "\(user.name) cannot write into the state directory: \(refusal)",
        remedy: Self.remedy(of: refusal, "chown \(user.name) \(stateDirectory)", stateDirectory))
    }
    // Root may be checking the directory of another user, whose passes use it (see userLink).
    if let objection = PrivateFolder.objection(to: stateDirectory, for: .preview) {
      return Finding(
        .permissions, "\(stateDirectory)", .broken, objection.cause,
        remedy: objection.remedy ?? "")
    }
    let lock = StateDirectory(stateDirectory).lock
    if let refusal = accessRefusal(to: lock, R_OK | W_OK), refusal != .noSuchFileOrDirectory {
      return Finding(
        .permissions, "\(lock)", .broken, "\(user.name) cannot take the lock: \(refusal)",
        remedy: "Another user made it once: chown -R \(user.name) \(stateDirectory)")
    }
    return Finding(.permissions, "\(stateDirectory)", .ok, "can be written by \(user.name)")
  }

  // MARK: - BIND's files

  /// The files that a pass writes or may have to, by their real paths.
  private var writtenFiles: [FilePath] {
    guard let actual = facts.actual else { return [] }
    var paths = (facts.plan?.files ?? []).filter { $0.before != nil }.map(\.path)
    let sites = (try? actual.zoneSites(for: facts.chosenViews)) ?? []
    paths += sites.map { actual.tree.files[$0.site.file].snapshot.realPath }
    paths += actual.tree.files.filter { !$0.blocks.isEmpty }.map(\.snapshot.realPath)
    for zone in actual.zones where !zone.isDynamic {
      guard case .success(let text)? = zone.text else { continue }
      let isOurs = facts.aliasZones.contains { $0.isSame(as: zone) }
      for (index, file) in text.files.enumerated()
      where !file.blocks.isEmpty || isOurs && (index == 0 || file.outline.soa != nil) {
        paths.append(file.snapshot.realPath)
      }
    }
    var seen: Set<FilePath> = []
    return paths.filter { seen.insert($0).inserted }
  }

  private func link(_ file: ReplacementPreflight) -> Finding {
    let mounts = NamedMounts(of: process, root: facts.desired.bind.root)
    let objections = FileObjections(
      file: file, user: user, named: process?.account, mountedAt: mounts.point(of: file.path)
    ).all
    guard let worst = objections.first else {
      let reader = process.map { ", and \($0.account.name) can read it" } ?? ""
      return Finding(
        .permissions, "\(file.path)", .ok, "replaceable, owner and mode kept\(reader)")
    }
    return Finding(
      .permissions, "\(file.path)", .broken,
      objections.map(\.reason).joined(separator: "; "), remedy: worst.remedy)
  }

  /// The folders of zones that are still to be made.
  private var madeFolders: [FilePath] {
    guard let actual = facts.actual else { return [] }
    return facts.desired.zones.sorted { $0.key < $1.key }.compactMap { name, settings in
      guard let made = settings.create, !actual.zones.contains(where: { $0.name == name }) else {
        return nil
      }
      return facts.desired.bind.root.realPath(made.file.removingLastComponent())
    }
  }

  private func link(_ folder: FilePath) -> Finding {
    guard let directory = DirectoryPreflight(of: folder) else {
      return Finding(
        .permissions, "\(folder)", .broken,
        "zonebridge has to make a zone file there, and the folder does not exist",
        remedy: "install -d -g bind -m 2775 \(folder)")
    }
    guard let refusal = directory.refusal else {
      return Finding(
        .permissions, "\(folder)", .ok, "a zone file can be made there by \(user.name)")
    }
    return Finding(
      .permissions, "\(folder)", .broken,
      "zonebridge has to make a zone file there, and \(user.name) cannot: \(refusal)",
      remedy: Self.remedy(of: refusal, "Let \(user.name) write there", folder))
  }

  static func remedy(of refusal: Errno, _ usual: String, _ directory: FilePath) -> String {
    switch refusal {
    case .readOnlyFileSystem:
      """
      Mount it for writing; in a unit with ProtectSystem=strict, name it in ReadWritePaths=\(directory)
      """
    default: usual
    }
  }
}
