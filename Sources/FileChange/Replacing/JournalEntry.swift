import SystemPackage

/// One file of a change in the journal: its folder, its names, and the old file.
struct JournalEntry {
  let kind: Swap.Kind
  let folder: Location
  let name: FilePath.Component
  let companion: FilePath.Component
  /// The old file; nil for one that is created.
  let before: FileIdentity?

  enum Location {
    case marked(FolderMark)
    /// All that earlier versions wrote down.
    case path(FilePath)

    var path: FilePath {
      switch self {
      case .marked(let mark): mark.path
      case .path(let path): path
      }
    }
  }

  var target: FilePath { folder.path.appending(name) }

  init(_ file: StagedReplacement) {
    let swap = file.swap
    kind = swap.kind
    folder = .marked(FolderMark(swap.folder))
    name = swap.name
    companion = swap.companion
    before = swap.old
  }

  // MARK: As a line

  /// The kind; the folder with device, inode and birth; the names of the file and of its companion; the
  /// old file's device, inode, size and time.
  var line: String {
    var fields = [kind.rawValue, Self.escaped(folder.path)]
    if case .marked(let mark) = folder {
      fields += ["\(mark.identity.device)", "\(mark.identity.inode)"]
      fields.append(mark.birth.map { "\($0.seconds).\($0.nanoseconds)" } ?? "-")
    }
    fields += [
      Self.escaped(FilePath(root: nil, [name])), Self.escaped(FilePath(root: nil, [companion])),
    ]
    fields +=
      before.map { old in
        [
          "\(old.device)", "\(old.inode)", "\(old.size)", "\(old.modified.seconds)",
          "\(old.modified.nanoseconds)",
        ]
      } ?? Array(repeating: "-", count: 5)
    return fields.joined(separator: " ")
  }

  /// Nil for a line that is none.
  init?(_ line: Substring) {
    let fields = line.split(separator: " ", omittingEmptySubsequences: false)
    guard let kind = fields.first.flatMap({ Swap.Kind(rawValue: String($0)) }) else { return nil }
    self.kind = kind
    let names: (FilePath, FilePath)
    switch fields.count {
    case 12:
      guard let path = Self.path(fields[1]), let mark = Self.mark(of: path, fields[2...4]),
        let name = Self.path(fields[5]), let companion = Self.path(fields[6])
      else { return nil }
      folder = .marked(mark)
      names = (name, companion)
    case 8:
      guard let target = Self.path(fields[1]), let companion = Self.path(fields[2]),
        let name = target.lastComponent, let other = companion.lastComponent,
        companion.removingLastComponent() == target.removingLastComponent()
      else { return nil }
      folder = .path(target.removingLastComponent())
      names = (FilePath(root: nil, [name]), FilePath(root: nil, [other]))
    default: return nil
    }
    guard folder.path.isAbsolute, let name = Self.plainName(names.0),
      let companion = Self.plainName(names.1),
      // Whatever a damaged journal says, nothing else is ever moved or removed.
      CompanionName.isCompanion(companion, of: name)
    else { return nil }
    self.name = name
    self.companion = companion
    if kind == .create {
      before = nil
    } else {
      guard let old = Self.file(fields.suffix(5)) else { return nil }
      before = old
    }
  }

  private static func mark(of path: FilePath, _ fields: ArraySlice<Substring>) -> FolderMark? {
    let fields = Array(fields)
    guard let device = UInt64(fields[0]), let inode = UInt64(fields[1]) else { return nil }
    var mark = FolderMark(path: path, identity: NodeID(device: device, inode: inode), birth: nil)
    if fields[2] != "-" {
      let parts = fields[2].split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let seconds = Int64(parts[0]), let nanoseconds = Int64(parts[1])
      else {
        return nil
      }
      mark.birth = FileIdentity.Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }
    return mark
  }

  private static func file(_ fields: ArraySlice<Substring>) -> FileIdentity? {
    let fields = Array(fields)
    guard let device = UInt64(fields[0]), let inode = UInt64(fields[1]),
      let size = Int64(fields[2]), let seconds = Int64(fields[3]),
      let nanoseconds = Int64(fields[4])
    else { return nil }
    let modified = FileIdentity.Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    return FileIdentity(
      device: device, inode: inode, size: size, modified: modified, changed: modified)
  }

  private static func plainName(_ path: FilePath) -> FilePath.Component? {
    guard !path.isAbsolute, path.components.count == 1, let name = path.lastComponent,
      name.kind == .regular
    else { return nil }
    return name
  }

  /// A path may hold any byte but zero: what is no printable ASCII, and the percent sign, goes as its
  /// number.
  private static func escaped(_ path: FilePath) -> String {
    path.bytes.map { byte in
      (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "%")
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private static func path(_ text: Substring) -> FilePath? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
        return nil
      }
      rest = rest.dropFirst(2)
      bytes.append(value)
    }
    guard !bytes.isEmpty, !bytes.contains(0) else { return nil }
    return FilePath(bytes: bytes)
  }
}

/// What the journal says of a new copy, once all are staged.
struct CopyNote: Equatable {
  /// Nil in what earlier versions wrote.
  let device: UInt64?
  let inode: UInt64

  init(_ node: NodeID) {
    device = node.device
    inode = node.inode
  }

  /// Nil for what is none: a file that is removed has no copy.
  init?(_ field: Substring) {
    let parts = field.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let inode = parts.last.flatMap({ UInt64($0) }) else { return nil }
    self.inode = inode
    if parts.count == 2 {
      guard let device = UInt64(parts[0]) else { return nil }
      self.device = device
    } else {
      device = nil
    }
  }

  var field: String { "\(device.map { "\($0):" } ?? "")\(inode)" }
}
