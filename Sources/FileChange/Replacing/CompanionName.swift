import Glibc
package import SystemPackage

/// The names that zonebridge itself gives to files beside a file that it changes.
///
/// They are hidden, so that no wildcard in named.conf includes them, and show where they come from.
enum CompanionName {
  private static let mark = Array(".zonebridge-".utf8)
  /// A name may have 255 bytes; what is cut off would only tell its reader more.
  private static let mostBytes = 100
  private static let editMark = Array(".edited-meanwhile-".utf8)

  /// A name for the new copy of a file, and later for the old file, that nothing else uses.
  static func make(for name: FilePath.Component) -> FilePath.Component {
    make(for: name, mark)
  }

  /// A name for what somebody else wrote and has to find again.
  static func makeForEdit(of name: FilePath.Component) -> FilePath.Component {
    make(for: name, editMark)
  }

  /// The name that keeps a file while two change places in more than one step.
  static func keeper(of companion: FilePath.Component) -> FilePath.Component {
    component(companion.bytes + [UInt8(ascii: "~")]) ?? companion
  }

  /// Whether a name is one that ``make(for:)`` gives to a file's companion.
  static func isCompanion(_ companion: FilePath.Component, of name: FilePath.Component) -> Bool {
    guard let file = fileBytes(in: companion.bytes[...]) else { return false }
    return name.bytes.prefix(mostBytes).elementsEqual(file)
  }

  /// The name of the file whose companion, or keeper, has this name; nil where it is no such name.
  static func fileName(in companion: FilePath.Component) -> String? {
    let bytes = companion.bytes[...]
    let tilde = UInt8(ascii: "~")
    return fileBytes(in: bytes.last == tilde ? bytes.dropLast() : bytes)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// What a companion's name has of the file's.
  private static func fileBytes(in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let isRandom = { (byte: UInt8) in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
    let random = bytes.reversed().prefix(while: isRandom).count
    guard bytes.first == UInt8(ascii: "."), (1...13).contains(random),
      bytes.dropLast(random).suffix(mark.count).elementsEqual(mark)
    else { return nil }
    return bytes.dropFirst().dropLast(random + mark.count)
  }

  private static func make(
    for name: FilePath.Component, _ mark: [UInt8]
  ) -> FilePath.Component {
    let random = Array(String(UInt64.random(in: .min ... .max), radix: 36).utf8)
    // These bytes are always a name; if they were none, nothing could be made or moved to what has this name
    // already.
    return component([UInt8(ascii: ".")] + name.bytes.prefix(mostBytes) + mark + random) ?? name
  }

  private static func component(_ bytes: [UInt8]) -> FilePath.Component? {
    unsafe FilePath.Component(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
  }
}

extension FilePath.Component {
  /// Its bytes, whether they are UTF-8 or not.
  package var bytes: [UInt8] { FilePath(root: nil, [self]).bytes }
}

extension FilePath {
  /// A path by its bytes, up to the first zero, as the system calls take it.
  package init(bytes: some Sequence<UInt8>) {
    self = unsafe FilePath(
      platformString: bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0])
  }

  /// The path of a file that has the same name with something behind it.
  package func appending(suffix: String) -> FilePath {
    FilePath(bytes: bytes + Array(suffix.utf8))
  }

  /// Its bytes, whether they are UTF-8 or not.
  package var bytes: [UInt8] {
    unsafe withPlatformString { start in
      unsafe UnsafeBufferPointer(start: start, count: strlen(start)).map { UInt8(bitPattern: $0) }
    }
  }
}
