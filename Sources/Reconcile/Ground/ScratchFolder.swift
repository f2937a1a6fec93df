import FileChange
import Glibc
import ReconcileModel
import Synchronization
import SystemPackage

/// A private folder, because a configuration has keys; it is removed with this value.
final class ScratchFolder: Sendable {
  private static let prefix = "zonebridge-scratch-"
  private static let randomDigits = 13

  private let parent: PrivateFolder
  private let name: FilePath.Component
  private let folder: PrivateFolder
  /// How many names it has given.
  private let count = Atomic(0)

  var path: FilePath { folder.path }

  /// - Parameter directory: where it is made, if nobody can take it away there; else, and for nil, in the system's
  ///   place for such files.
  /// - Throws: why it cannot be made.
  init(in directory: PrivateFolder?) throws(PassError) {
    // The checkers go there by its path, and write there. They are started in other directories than this process, so
    // that a relative path would lead them elsewhere.
    let usual =
      unsafe getenv("TMPDIR").map { unsafe FilePath(platformString: $0) }
      .flatMap { $0.isAbsolute ? $0 : nil } ?? "/tmp"
    let kept = directory.flatMap { (try? $0.expectKept()) == nil ? nil : $0 }
    guard let name = Self.makeName() else { throw PassError("cannot name a scratch folder") }
    self.name = name
    do throws(FileChangeError) {
      parent = if let kept { kept } else { try PrivateFolder(at: usual) }
      try parent.expectKept()
      folder = try parent.makeFolder(name)
    } catch {
      throw PassError("cannot make a scratch folder in \(kept?.path ?? usual)", error)
    }
  }

  deinit {
    for index in 0..<count.load(ordering: .relaxed) {
      guard let file = Self.fileName(index) else { continue }
      try? folder.remove(file)
    }
    try? parent.removeFolder(name)
  }

  /// Removes the folders that interrupted processes left in a directory.
  static func removeOld(in directory: PrivateFolder) throws(FileChangeError) {
    for name in try directory.names() where isName(name.string) {
      try? directory.removeFolder(name, holdingOnly: isFileName)
    }
  }

  /// The name of a file that somebody else is to write.
  func reserve() -> FilePath {
    file(count.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  func write(_ contents: FileContents) throws(PassError) -> FilePath {
    let file = reserve()
    try write(contents, to: file)
    return file
  }

  /// Writes a file whose name was reserved.
  func write(_ contents: FileContents, to file: FilePath) throws(PassError) {
    do throws(FileChangeError) {
      if let name = file.lastComponent { try folder.create(name, contents) }
    } catch {
      throw PassError("cannot write the candidate \(file)", error)
    }
  }

  private func file(_ index: Int) -> FilePath {
    Self.fileName(index).map { folder.path.appending($0) } ?? folder.path
  }

  // MARK: Names

  /// One that nothing has: nobody who may write to the parent can have made the folder before.
  private static func makeName() -> FilePath.Component? {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let padding = String(repeating: "0", count: randomDigits - random.count)
    return FilePath.Component(prefix + padding + random)
  }

  private static func isName(_ name: String) -> Bool {
    let random = name.dropFirst(prefix.count)
    return name.hasPrefix(prefix) && random.utf8.count == randomDigits
      && random.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
  }

  private static func fileName(_ index: Int) -> FilePath.Component? {
    FilePath.Component("\(index)\(fileSuffix)")
  }

  private static let fileSuffix = ".candidate"

  private static func isFileName(_ name: String) -> Bool {
    name.hasSuffix(fileSuffix) && Int(name.dropLast(fileSuffix.count)) != nil
  }
}
