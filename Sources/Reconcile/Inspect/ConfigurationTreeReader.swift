import BINDText
import FileChange
import Glibc
import ReconcileModel
import SystemPackage

/// Reads `named.conf` and what it includes, as named does.
struct ConfigurationTreeReader {
  /// A file may be read at several levels: in `options` and in a zone, for one.
  private struct Reading: Hashable {
    var path: FilePath
    var context: NamedConfOutline.Context
  }

  private let files: FileCache
  /// Which file gets the managed zone statements; it may still have to be made.
  private let zonesIn: FilePath
  private var tree: ConfigurationTree
  private var indexes: [Reading: Int] = [:]
  private var snapshots: [FilePath: FileSnapshot] = [:]
  /// The files whose managed blocks are in the tree already.
  private var told: Set<FilePath> = []
  /// Where relative includes start from, as far as named has read: it changes its working directory
  /// on the spot when it comes to `directory`.
  ///
  /// Before, it is the directory that named was started in. That is not to be known from the files;
  /// the folder of named.conf is where a configuration with such includes works.
  private var directory: FilePath
  /// The files being read now, outermost first.
  private var chain: [FilePath] = []

  private init(_ bind: BINDSettings, _ files: FileCache) {
    self.files = files
    zonesIn = bind.zonesIn
    directory = bind.root.asNamed(bind.namedConf).removingLastComponent()
    tree = ConfigurationTree(directory: directory, root: bind.root)
  }

  static func read(
    _ bind: BINDSettings, from files: FileCache = FileCache()
  ) throws(InspectionError) -> ConfigurationTree {
    var reader = ConfigurationTreeReader(bind, files)
    _ = try reader.read(bind.namedConf, context: .top, view: nil)
    reader.tree.directory = reader.directory
    return reader.tree
  }

  /// - Returns: the file's index in the tree.
  private mutating func read(
    _ path: FilePath, context: NamedConfOutline.Context, view: String?
  ) throws(InspectionError) -> Int {
    let snapshot = try snapshot(of: path)
    if chain.contains(snapshot.realPath) {
      throw InspectionError("\(path) includes itself\(includeChain): named refuses such a loop")
    }
    let reading = Reading(path: snapshot.realPath, context: context)
    if let index = indexes[reading] {
      // A file included twice (a list of masters, zones that views share) is one file.
      note(view, for: index)
      return index
    }
    let (outline, blocks) = try contents(of: snapshot, in: context)

    // The place among the files is taken before the included ones come.
    let index = tree.files.count
    tree.files.append(
      ConfigurationFile(snapshot: snapshot, outline: outline, blocks: blocks, views: [view]))
    indexes[reading] = index
    chain.append(snapshot.realPath)
    defer { chain.removeLast() }

    var ownDirectory = outline.directory
    for include in outline.includes {
      if let option = ownDirectory, option.range.lowerBound < include.range.lowerBound {
        directory = directory.pushing(FilePath(option.path))
        ownDirectory = nil
      }
      let view = self.view(of: include, in: index, view)
      var included: [Int] = []
      for path in try expand(include, in: index) where !path.isNullDevice {
        included.append(try read(path, context: include.context(within: context), view: view))
      }
      tree.files[index].includes.append(included)
    }
    if let option = ownDirectory { directory = directory.pushing(FilePath(option.path)) }
    return index
  }

  private mutating func snapshot(of path: FilePath) throws(InspectionError) -> FileSnapshot {
    let snapshot: FileSnapshot
    do throws(FileChangeError) {
      snapshot = try files.read(path)
    } catch  where error.isNotFound && path == zonesIn {
      snapshot = try absent(path)
    } catch {
      throw InspectionError(error, behind: includeChain)
    }
    guard !tree.root.isChanged || snapshot.realPath.starts(with: tree.root.path) else {
      throw InspectionError(
        """
        \(path) is a symbolic link to \(snapshot.realPath)\(includeChain): named, which sees only \
        what is in \(tree.root.path), would look elsewhere
        """, remedy: "Make the link a relative one")
    }
    if let known = snapshots[snapshot.realPath] { return known }
    snapshots[snapshot.realPath] = snapshot
    return snapshot
  }

  /// The file that `zones-in` names, before it is made.
  private func absent(_ path: FilePath) throws(InspectionError) -> FileSnapshot {
    do {
      return try FileSnapshot(absentFrom: path)
    } catch {
      throw InspectionError(error, behind: includeChain)
    }
  }

  private mutating func contents(
    of snapshot: FileSnapshot, in context: NamedConfOutline.Context
  ) throws(InspectionError) -> (NamedConfOutline, [ManagedBlock]) {
    let outline: NamedConfOutline
    do {
      outline = try files.outline(of: snapshot, in: context)
    } catch {
      throw InspectionError(InspectionError(snapshot.path, error), behind: includeChain)
    }
    let isNew = told.insert(snapshot.realPath).inserted
    do {
      return (outline, isNew ? try outline.blocks() : [])
    } catch {
      throw InspectionError(snapshot.path, error)
    }
  }

  /// The view in which an included file is read.
  private func view(of include: Include, in index: Int, _ view: String?) -> String? {
    if case .view(let own) = include.enclosing { return tree.files[index].outline.views[own].name }
    return view
  }

  /// A file is read in one more view, and so are those that it includes.
  private mutating func note(_ view: String?, for index: Int) {
    guard !tree.files[index].views.contains(view) else { return }
    tree.files[index].views.append(view)
    for included in tree.files[index].includes.flatMap(\.self) { note(view, for: included) }
  }

  /// The files that an `include` names: named expands wildcards by glob(3), in its order.
  private func expand(_ include: Include, in index: Int) throws(InspectionError) -> [FilePath] {
    let path = tree.root.onHost(directory.pushing(FilePath(include.path)))
    guard include.path.contains(where: { "*?[".contains($0) }) else { return [path] }
    var matches = unsafe glob_t()
    defer { unsafe globfree(&matches) }
    // Once it is made, it is read here as well.
    let made = zonesIn.lexicallyNormalized()
    let isMissing =
      unsafe fnmatch(path.lexicallyNormalized().string, made.string, FNM_PATHNAME | FNM_PERIOD) == 0
      && (try? zonesIn.stat()) == nil
    let missing = isMissing ? [zonesIn] : []
    guard unsafe glob(path.string, 0, nil, &matches) == 0 else {
      if isMissing { return missing }
      let location = tree.files[index].location(of: include.range.lowerBound)
      throw InspectionError(
        "\(location): include \"\(include.path)\" matches no file: named refuses to start without one"
      )
    }
    return unsafe (0..<Int(matches.gl_pathc)).compactMap { index in
      unsafe matches.gl_pathv[index].map { unsafe FilePath(platformString: $0) }
    } + missing
  }

  private var includeChain: String {
    chain.isEmpty
      ? "" : " (included by \(chain.reversed().map(\.string).joined(separator: ", that by ")))"
  }
}

extension Include {
  /// What may stand in the included file; one at the level of its includer is read as that one is.
  func context(within includer: NamedConfOutline.Context) -> NamedConfOutline.Context {
    switch enclosing {
    case .top: includer
    case .view: .view
    case .options: .options
    case .zone: .zone
    case .other: .other
    }
  }
}
