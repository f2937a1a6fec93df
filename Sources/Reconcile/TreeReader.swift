import BINDText
import FileChange
import Glibc
import SystemPackage

/// Reads `named.conf` and what it includes, as named does.
struct TreeReader {
  private var files: [ConfigurationFile] = []
  /// `directory` as far as named has read: it changes its working directory on the spot, so that
  /// the relative includes after the option start from there.
  private var directory: FilePath?
  /// The files being read now, outermost first.
  private var chain: [FilePath] = []

  static func read(_ namedConf: FilePath) throws(InspectionError) -> ConfigurationTree {
    var reader = TreeReader()
    try reader.read(namedConf, context: .top)
    return ConfigurationTree(files: reader.files, directory: reader.directory)
  }

  private mutating func read(
    _ path: FilePath, context: NamedConfOutline.Context
  ) throws(InspectionError) {
    let snapshot: FileSnapshot
    do {
      snapshot = try FileSnapshot.read(path)
    } catch {
      throw InspectionError("\(error)\(includeChain)")
    }
    if chain.contains(snapshot.realPath) {
      throw InspectionError("\(path) includes itself\(includeChain): named refuses such a loop")
    }
    // A file included twice (a list of masters, a key) is one file with one text.
    if files.contains(where: { $0.snapshot.realPath == snapshot.realPath }) { return }

    let outline: NamedConfOutline
    do {
      outline = try NamedConfOutline(parsing: snapshot.bytes, context: context)
    } catch {
      throw InspectionError(path, error)
    }
    let blocks: [ManagedBlock]
    do {
      blocks = try outline.blocks()
    } catch {
      throw InspectionError(path, error)
    }

    // The place among the files is taken before the included ones come.
    let index = files.count
    files.append(
      ConfigurationFile(snapshot: snapshot, outline: outline, blocks: blocks, includes: []))
    chain.append(snapshot.realPath)
    defer { chain.removeLast() }

    var ownDirectory = outline.directory
    for include in outline.includes {
      if let option = ownDirectory, option.range.lowerBound < include.range.lowerBound {
        directory = resolved(FilePath(option.path))
        ownDirectory = nil
      }
      let paths = try expand(
        include.path, at: files[index].location(of: include.range.lowerBound))
      files[index].includes.append(paths)
      for path in paths { try read(path, context: include.context) }
    }
    if let option = ownDirectory { directory = resolved(FilePath(option.path)) }
  }

  private func resolved(_ path: FilePath) -> FilePath {
    guard path.isRelative, let directory else { return path }
    return directory.pushing(path)
  }

  /// The files that an `include` names: named expands wildcards by glob(3), in its order.
  private func expand(_ text: String, at location: String) throws(InspectionError) -> [FilePath] {
    let path = resolved(FilePath(text))
    guard path.isAbsolute else {
      throw InspectionError(
        """
        \(location): include "\(text)" is relative, and no directory option stands before it: \
        named would look in the directory that it was started in, which cannot be known here. \
        Write the path in full
        """)
    }
    guard text.contains(where: { "*?[".contains($0) }) else { return [path] }
    var matches = unsafe glob_t()
    defer { unsafe globfree(&matches) }
    guard unsafe glob(path.string, 0, nil, &matches) == 0 else {
      throw InspectionError(
        "\(location): include \"\(text)\" matches no file: named refuses to start without one")
    }
    return unsafe (0..<Int(matches.gl_pathc)).compactMap { index in
      unsafe matches.gl_pathv[index].map { unsafe FilePath(String(cString: $0)) }
    }
  }

  private var includeChain: String {
    chain.isEmpty ? "" : " (included by \(chain.map(\.string).joined(separator: ", then by ")))"
  }
}

extension Include {
  /// What may stand in the included file.
  var context: NamedConfOutline.Context {
    switch enclosing {
    case .top: .top
    case .view: .view
    case .options: .options
    case .zone: .zone
    case .other: .other
    }
  }
}
