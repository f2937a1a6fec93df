import CLinux
import Glibc
import SystemPackage

/// The way along a path to the folder that it leads through, which is held from then on.
///
/// Where there is no symbolic link on the way, the kernel walks it at once (openat2(2)). Else, and where the
/// kernel cannot, it goes folder by folder, and each link is judged by ``LinkRule`` before it is followed.
struct Walk {
  enum Method: Sendable {
    case openat2
    case stepByStep
  }

  /// Step by step is what older kernels are left with; a test may ask for it.
  @TaskLocal static var method = Method.openat2

  /// Where a path leads, for us or for a reader.
  static func place(
    of path: FilePath, as reader: Reader? = nil
  ) throws(FileChangeError) -> Place {
    let whole = try fromRoot(path)
    if method == .openat2, let real = withoutDots(whole), let name = real.lastComponent,
      let folder = try knownFolder(real.removingLastComponent(), of: path, as: reader)
    {
      let status = try folder.status(of: name, for: .resolve, of: path)
      if status?.type != .symbolicLink { return Place(folder: folder, name: name, status: status) }
    }
    var walk = try Walk(path, as: reader)
    let place = try walk.place(along: walk.namesBelowRoot(names(of: whole)))
    if walk.linksLeft == mostLinks { reader?.note(place.folder) }
    return place
  }

  /// The folder at once, where there is no link on the way and nobody has to be asked on it: the reader has
  /// been, and it is the same folder.
  private static func knownFolder(
    _ real: FilePath, of path: FilePath, as reader: Reader?
  ) throws(FileChangeError) -> Folder? {
    guard let reader else { return try folderWithoutLinks(real, of: path) }
    guard let known = reader.knows(real) else { return nil }
    let folder = try folderWithoutLinks(real, of: path)
    return folder?.identity == known ? folder : nil
  }

  /// The folder that a path leads to.
  static func folder(
    at path: FilePath, as reader: Reader? = nil
  ) throws(FileChangeError) -> Folder {
    let whole = try fromRoot(path)
    if method == .openat2, let real = withoutDots(whole),
      let folder = try knownFolder(real, of: path, as: reader)
    {
      return folder
    }
    var walk = try Walk(path, as: reader)
    return try walk.folder(along: walk.namesBelowRoot(names(of: whole)))
  }

  /// The path from the root on.
  private static func fromRoot(_ path: FilePath) throws(FileChangeError) -> FilePath {
    guard !path.isAbsolute else { return path }
    guard let here = unsafe getcwd(nil, 0) else {
      throw .system(.resolve, path, Errno(rawValue: errno))
    }
    defer { unsafe free(here) }
    return unsafe FilePath(platformString: here).pushing(path)
  }

  private static func names(of whole: FilePath) -> [FilePath.Component] {
    whole.components.filter { $0.kind != .currentDirectory }
  }

  /// The same path without `.`, if there is no `..` on it, which would lead on from wherever somebody has moved a folder
  /// to; else nil.
  private static func withoutDots(_ whole: FilePath) -> FilePath? {
    let dot = UInt8(ascii: ".")
    // Hardly any path has one, and its components cost more to make than to read its bytes.
    guard
      whole.bytes.split(separator: UInt8(ascii: "/")).contains(where: {
        $0 == [dot] || $0 == [dot, dot]
      })
    else { return whole }
    let names = names(of: whole)
    return names.allSatisfy { $0.kind == .regular } ? FilePath(root: "/", names) : nil
  }

  /// The folder, if there is no symbolic link on the way.
  private static func folderWithoutLinks(
    _ real: FilePath, of path: FilePath
  ) throws(FileChangeError) -> Folder? {
    do throws(FileChangeError) {
      let descriptor = try attempt(.resolve, path) {
        unsafe real.withPlatformString {
          unsafe open_without_links(AT_FDCWD, $0, O_PATH | O_DIRECTORY | O_CLOEXEC)
        }
      }
      return try Folder(OpenFile(descriptor: descriptor, path: path), path: real, of: path)
    } catch .system(.resolve, _, let code) where isLinkOrUnknown(code) {
      return nil
    }
  }

  /// Whether there is a link, or the kernel (or what filters its calls) does not know the call.
  private static func isLinkOrUnknown(_ code: Errno) -> Bool {
    [.tooManySymbolicLinkLevels, .noFunction, .notPermitted, .invalidArgument].contains(code)
  }

  // MARK: Step by step

  /// A link that is its maker's to make while what it leads to is the maker's: from there, `..` may not
  /// lead out of what is.
  private struct Bond {
    let link: FilePath
    let owner: UInt32
    /// How many folders there are down to the one that the link led to.
    var depth: Int
  }

  private enum End {
    /// The last of the folders.
    case folder
    /// What is of a name in the last of the folders.
    case entry(FilePath.Component, Stat?)
  }

  /// As many as the kernel follows.
  private static let mostLinks = 40
  /// Each is held open while the walk lasts.
  private static let mostFolders = 200

  private let path: FilePath
  private let reader: Reader?
  /// From the root down, that of a reader if it has another; `..` goes back to the one through which the walk came.
  private var folders: [Folder]
  private var bonds: [Bond] = []
  private var linksLeft = mostLinks

  private init(_ path: FilePath, as reader: Reader?) throws(FileChangeError) {
    self.path = path
    self.reader = reader
    if let root = reader?.root {
      folders = [try Self.folder(at: root)]
      return
    }
    let root = try attempt(.resolve, path) {
      unsafe open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)
    }
    folders = [try Folder(OpenFile(descriptor: root, path: path), path: "/", of: path)]
  }

  /// The names from a reader's root on: what is before them leads to the root, which is walked to as ours.
  private func namesBelowRoot(_ names: [FilePath.Component]) -> ArraySlice<FilePath.Component> {
    guard let root = reader?.root else { return names[...] }
    let count = root.components.count
    return names.starts(with: root.components) ? names[count...] : names[...]
  }

  private var here: Folder { folders[folders.endIndex - 1] }

  private mutating func place(
    along names: ArraySlice<FilePath.Component>
  ) throws(FileChangeError) -> Place {
    switch try go(along: names, isFolderWanted: false) {
    case .folder: return Place(folder: here, name: nil, status: try here.ownStatus())
    case .entry(let name, let status): return Place(folder: here, name: name, status: status)
    }
  }

  private mutating func folder(
    along names: ArraySlice<FilePath.Component>
  ) throws(FileChangeError) -> Folder {
    _ = try go(along: names, isFolderWanted: true)
    return here
  }

  private mutating func go(
    along names: ArraySlice<FilePath.Component>, isFolderWanted: Bool
  ) throws(FileChangeError) -> End {
    for (index, name) in zip(names.indices, names) {
      if name.kind == .currentDirectory { continue }
      try reader?.judge(here, onTheWayTo: path)
      switch name.kind {
      case .currentDirectory: break
      case .parentDirectory: try leave()
      case .regular:
        let isLast = index == names.endIndex - 1
        if isLast, !isFolderWanted { return try look(at: name) }
        try enter(name)
      }
    }
    return .folder
  }

  private mutating func enter(_ name: FilePath.Component) throws(FileChangeError) {
    guard folders.count < Self.mostFolders else { throw .system(.resolve, path, .fileNameTooLong) }
    do throws(FileChangeError) {
      folders.append(try here.folder(name, of: path))
    } catch .system(_, _, .notDirectory) {
      // With O_DIRECTORY that is said of a link, too.
      guard let link = try SymbolicLink(name, in: here, of: path) else {
        throw .system(.resolve, path, .notDirectory)
      }
      _ = try follow(link, isFolderWanted: true)
    }
  }

  private mutating func look(at name: FilePath.Component) throws(FileChangeError) -> End {
    guard let status = try here.status(of: name, for: .resolve, of: path) else {
      return .entry(name, nil)
    }
    guard status.type == .symbolicLink else { return .entry(name, status) }
    guard let link = try SymbolicLink(name, in: here, of: path) else {
      throw .changedWhileReading(path)
    }
    let end = try follow(link, isFolderWanted: false)
    if case .entry(_, nil) = end { throw .danglingLink(path) }
    return end
  }

  private mutating func leave() throws(FileChangeError) {
    if folders.count > 1 { folders.removeLast() }
    for index in bonds.indices where bonds[index].depth > folders.count {
      guard here.owner == bonds[index].owner else { throw strange(bonds[index].link) }
      bonds[index].depth = folders.count
    }
  }

  private mutating func follow(
    _ link: SymbolicLink, isFolderWanted: Bool
  ) throws(FileChangeError) -> End {
    guard linksLeft > 0 else { throw .system(.resolve, path, .tooManySymbolicLinkLevels) }
    linksLeft -= 1
    let linkPath = here.path.appending(link.name)
    let rule = LinkRule(for: link, in: here)
    if link.target.isAbsolute { folders.removeSubrange(1...) }
    // What a link of somebody's leads to is judged itself, wherever it begins.
    if link.target.isAbsolute || rule != .followed { bonds = [] }
    let names = Array(link.target.components)
    let owner: UInt32
    switch rule {
    case .followed: return try go(along: names[...], isFolderWanted: isFolderWanted)
    case .refused: throw strange(linkPath)
    case .ifOwnerOfTarget(let maker): owner = maker
    }
    let end: End
    do throws(FileChangeError) {
      end = try go(along: names[...], isFolderWanted: isFolderWanted)
    } catch {
      // What is to be found where the link's maker has nothing is not told either.
      guard here.owner == owner else { throw strange(linkPath) }
      throw error
    }
    let ownerOfTarget =
      switch end {
      case .entry(_, let status?): status.userID.rawValue
      case .folder, .entry(_, nil): here.owner
      }
    guard ownerOfTarget == owner else { throw strange(linkPath) }
    if case .folder = end {
      bonds.append(Bond(link: linkPath, owner: owner, depth: folders.count))
    }
    return end
  }

  private func strange(_ link: FilePath) -> FileChangeError { .strangeLink(path, link: link) }
}
