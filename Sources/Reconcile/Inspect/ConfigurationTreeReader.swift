import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// Reads `named.conf` and what it includes, as named does.
///
/// It keeps its own stack, because files may include each other to any depth.
struct ConfigurationTreeReader {
  /// A file may be read at several levels: in `options` and in a zone, for one.
  private struct Reading: Hashable {
    var path: FilePath
    var context: NamedConfOutline.Context
  }

  /// A file that is being read.
  private struct Frame {
    let index: Int
    let view: String?
    /// Where the file's reading began.
    let directory: FilePath
    let path: FilePath
    /// What is to be read of the next `include`, the last one first.
    var waiting: [FilePath] = []
    var included: [Int] = []
    var nextInclude = 0
    var ownDirectory: Directory?
    /// Whether another file could be meant by one of the paths in it if `directory` said something else.
    var isRelative = false
  }

  private let files: NamedFiles
  /// Which file gets the managed zone statements; it may still have to be made.
  private let zonesIn: FilePath
  private var tree: ConfigurationTree
  private var count = ReadingCount(.configuration)
  /// The readings of a file: each with the directory that it began in, nil where that makes no difference.
  private var indexes: [Reading: [(directory: FilePath?, index: Int)]] = [:]
  private var snapshots: [FilePath: FileSnapshot] = [:]
  /// The files whose managed blocks are in the tree already.
  private var told: Set<FilePath> = []
  /// Where relative includes start from at this point: named changes its working directory as soon as it reads
  /// `directory`.
  ///
  /// Before that it is the directory that named was started in, which the files do not tell; a configuration with such
  /// includes works in the folder of named.conf.
  private var directory: FilePath
  /// Whether `directory` said anything so far.
  private var isDirectorySaid = false
  /// The files being read now, outermost first.
  private var stack: [Frame] = []
  private var chain: Set<FilePath> = []

  private init(_ bind: BINDSettings, _ files: NamedFiles, startingIn directory: FilePath) {
    self.files = files
    zonesIn = bind.zonesIn
    self.directory = directory
    tree = ConfigurationTree(directory: directory, root: bind.root)
  }

  static func read(_ bind: BINDSettings) throws(InspectionError) -> ConfigurationTree {
    try read(bind, from: NamedFiles(Reader(of: bind)))
  }

  /// Reads them, with what an earlier pass has read.
  ///
  /// - Parameters:
  ///   - bind: where named begins to read.
  ///   - files: what reads the files.
  ///   - proc: where the processes are told.
  /// - Returns: The tree, with the directory that relative paths in it start from.
  /// - Throws: What named would not read either.
  static func read(
    _ bind: BINDSettings, from files: NamedFiles, in proc: FilePath = "/proc"
  ) throws(InspectionError) -> ConfigurationTree {
    let folder = bind.root.asNamed(bind.namedConf).removingLastComponent()
    var reader = ConfigurationTreeReader(bind, files, startingIn: folder)
    var refusal: InspectionError?
    do throws(InspectionError) {
      try reader.read(bind.namedConf)
    } catch {
      refusal = error
    }
    // Without `directory` named stays where it was started, which its process shows while it runs.
    if !reader.isDirectorySaid, let other = NamedProcess.directory(of: bind, in: proc),
      other != folder
    {
      var otherReader = ConfigurationTreeReader(bind, files, startingIn: other)
      do throws(InspectionError) {
        try otherReader.read(bind.namedConf)
        return otherReader.tree
      } catch {
        throw refusal ?? error
      }
    }
    if let refusal { throw refusal }
    return reader.tree
  }

  private mutating func read(_ namedConf: FilePath) throws(InspectionError) {
    _ = try begin(namedConf, context: .top, view: nil, includedAt: nil)
    while !stack.isEmpty { try goOn() }
    tree.directory = directory
  }

  /// Reserves a file's place in the tree; the files that it includes come after it.
  ///
  /// - Returns: the file's index in the tree.
  private mutating func begin(
    _ path: FilePath, context: NamedConfOutline.Context, view: String?, includedAt include: Include?
  ) throws(InspectionError) -> Int {
    let snapshot = try snapshot(of: path)
    if chain.contains(snapshot.realPath) {
      throw InspectionError("\(path) includes itself\(includeChain): named refuses such a loop")
    }
    let reading = Reading(path: snapshot.realPath, context: context)
    let known = indexes[reading, default: []].first {
      $0.directory == nil || $0.directory == directory
    }
    if let index = known?.index {
      // A file included twice (a list of masters, zones that views share) is one file.
      note(view, for: index)
      return index
    }
    if let (cause, remedy) = count.add(snapshot, atDepth: stack.count) {
      let place = include.flatMap { include in
        stack.last.map { tree.files[$0.index].location(of: include.range.lowerBound) }
      }
      throw InspectionError("\(place ?? "\(path)"): \(cause)", remedy: remedy)
    }
    let (outline, blocks) = try contents(of: snapshot, in: context)
    let index = tree.files.count
    tree.files.append(
      ConfigurationFile(snapshot: snapshot, outline: outline, blocks: blocks, views: [view]))
    chain.insert(snapshot.realPath)
    stack.append(
      Frame(
        index: index, view: view, directory: directory, path: snapshot.realPath,
        ownDirectory: outline.directory))
    return index
  }

  /// Reads the innermost file's next include, or ends it.
  private mutating func goOn() throws(InspectionError) {
    let top = stack.endIndex - 1
    let outline = tree.files[stack[top].index].outline
    if let path = stack[top].waiting.popLast() {
      let include = outline.includes[stack[top].nextInclude - 1]
      let context = include.context(within: outline.context)
      let view = self.view(of: include, in: stack[top].index, stack[top].view)
      let included = try begin(path, context: context, view: view, includedAt: include)
      stack[top].included.append(included)
      return
    }
    if stack[top].nextInclude > 0 {
      tree.files[stack[top].index].includes.append(stack[top].included)
      stack[top].included = []
    }
    guard stack[top].nextInclude < outline.includes.count else {
      end()
      return
    }
    let include = outline.includes[stack[top].nextInclude]
    if let option = stack[top].ownDirectory, option.range.lowerBound < include.range.lowerBound {
      enter(option)
    }
    stack[top].nextInclude += 1
    if !FilePath(include.path).isAbsolute { stack[top].isRelative = true }
    stack[top].waiting = try expand(include, in: stack[top].index).reversed()
  }

  private mutating func enter(_ option: Directory) {
    let top = stack.endIndex - 1
    if !FilePath(option.path).isAbsolute { stack[top].isRelative = true }
    directory = directory.pushing(FilePath(option.path))
    isDirectorySaid = true
    stack[top].ownDirectory = nil
  }

  private mutating func end() {
    if let option = stack[stack.endIndex - 1].ownDirectory { enter(option) }
    let frame = stack.removeLast()
    chain.remove(frame.path)
    let reading = Reading(path: frame.path, context: tree.files[frame.index].outline.context)
    indexes[reading, default: []].append(
      (directory: frame.isRelative ? frame.directory : nil, index: frame.index))
    if frame.isRelative, !stack.isEmpty { stack[stack.endIndex - 1].isRelative = true }
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
    if let known = snapshots[snapshot.realPath] { return known }
    snapshots[snapshot.realPath] = snapshot
    return snapshot
  }

  /// The file that `zones-in` names, before it is made.
  private func absent(_ path: FilePath) throws(InspectionError) -> FileSnapshot {
    do {
      return try FileSnapshot(absentFrom: path, below: files.reader.root)
    } catch {
      throw InspectionError(error, behind: includeChain)
    }
  }

  private mutating func contents(
    of snapshot: FileSnapshot, in context: NamedConfOutline.Context
  ) throws(InspectionError) -> (NamedConfOutline, [ManagedBlock]) {
    let outline: NamedConfOutline
    do {
      outline = try files.cache.outline(of: snapshot, in: context)
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
    var left = [index]
    while let index = left.popLast() {
      guard !tree.files[index].views.contains(view) else { continue }
      tree.files[index].views.append(view)
      left += tree.files[index].includes.flatMap(\.self)
    }
  }

  /// The files that an `include` names: named expands wildcards by glob(3), in its order.
  private func expand(_ include: Include, in index: Int) throws(InspectionError) -> [FilePath] {
    let path = tree.root.onHost(directory.pushing(FilePath(include.path)))
    guard include.path.isPattern else { return [path] }
    // Once it is made, it is read here as well.
    let made = zonesIn.lexicallyNormalized()
    let isMissing = made.matches(path) && files.reader.node(of: zonesIn) == nil
    let matches = files.reader.paths(matching: path) + (isMissing ? [zonesIn] : [])
    guard !matches.isEmpty else {
      let location = tree.files[index].location(of: include.range.lowerBound)
      throw InspectionError(
        "\(location): include \"\(include.path)\" matches no file: named refuses to start without one"
      )
    }
    return matches
  }

  private static let mostNames = 5

  /// By which files the innermost one is included; the outermost are left out where there are many.
  private var includeChain: String {
    guard !stack.isEmpty else { return "" }
    let names = stack.reversed().prefix(Self.mostNames).map {
      tree.files[$0.index].snapshot.realPath.string
    }
    let rest = stack.count > names.count ? ", and so on, \(stack.count) files deep" : ""
    return " (included by \(names.joined(separator: ", that by "))\(rest))"
  }
}

extension Include {
  /// What may stand in the included file; one at the level of its includer is read as that one is.
  func context(within includer: NamedConfOutline.Context) -> NamedConfOutline.Context {
    switch enclosing {
    case .top: includer
    case .view: .view
    case .options: .options
    case .zone, .template: .zone
    case .other: .other
    }
  }
}
