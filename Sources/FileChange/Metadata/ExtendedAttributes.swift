import CLinux
import Glibc
import SystemPackage

/// The extended attributes of a file (xattr(7)): ACLs, the SELinux label, and what users put there.
enum ExtendedAttributes {
  /// Gives an open file the attributes of another open one, and takes away what that one has not: the ACL
  /// that a directory gives to new files, for one.
  static func copy(
    from source: borrowing OpenFile, to copy: borrowing OpenFile, for path: FilePath
  ) throws(FileChangeError) {
    let (source, descriptor) = (source.descriptor, copy.descriptor)
    let wanted = unsafe try attributes(path) { buffer, size in
      unsafe flistxattr(source, buffer, size)
    }
    let present = unsafe try attributes(path) { buffer, size in
      unsafe flistxattr(descriptor, buffer, size)
    }
    for name in present where !wanted.contains(name) {
      try attempt(.attribute, path) { unsafe fremovexattr(descriptor, name) }
    }
    for name in wanted {
      let value = unsafe try bytes(path) { buffer, size in
        unsafe fgetxattr(source, name, buffer, size)
      }
      let current = unsafe try? bytes(path) { buffer, size in
        unsafe fgetxattr(descriptor, name, buffer, size)
      }
      // Where the kernel has given it already (a label by its policy), nobody may have to set it.
      if current == value { continue }
      try attempt(.attribute, path) {
        unsafe value.withUnsafeBytes {
          unsafe fsetxattr(descriptor, name, $0.baseAddress, $0.count, 0)
        }
      }
    }
  }

  /// The names, without those of which the kernel makes the values itself, from the contents.
  private static func attributes(
    _ path: FilePath, _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(FileChangeError) -> [String] {
    let list: [UInt8]
    do throws(FileChangeError) {
      list = unsafe try bytes(path) { buffer, size in
        unsafe call(buffer?.assumingMemoryBound(to: CChar.self), size)
      }
    } catch .system(_, _, .notSupported) {
      return []
    }
    return list.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      .filter { !["security.ima", "security.evm"].contains($0) }
  }

  /// What a call fills into a buffer, of which it tells the size when it is given none.
  private static func bytes(
    _ path: FilePath, _ call: (UnsafeMutableRawPointer?, Int) -> Int
  ) throws(FileChangeError) -> [UInt8] {
    // Who may set them could have them grow for ever.
    for _ in 1...8 {
      let size = try attempt(.attribute, path) { call(nil, 0) }
      guard size > 0 else { return [] }
      var buffer = [UInt8](repeating: 0, count: size)
      do throws(FileChangeError) {
        let count = try attempt(.attribute, path) {
          unsafe buffer.withUnsafeMutableBytes { unsafe call($0.baseAddress, size) }
        }
        return Array(buffer.prefix(count))
      } catch .system(_, _, .outOfRange) {
        // It has grown meanwhile.
      }
    }
    throw .changedMeanwhile(path)
  }
}

extension OpenFile {
  /// The file's ACL; nil where it has none, or the file system keeps none.
  var accessList: AccessList? {
    unsafe AccessList.read { unsafe fgetxattr(descriptor, AccessList.attribute, $0, $1) }
  }
}

extension AccessList {
  /// The list that a call fills into a buffer; nil where there is none.
  static func read(_ call: (UnsafeMutablePointer<UInt8>?, Int) -> Int) -> AccessList? {
    // No list has more than a few entries; a longer one is asked for again.
    var buffer = [UInt8](repeating: 0, count: 4 + 8 * 64)
    var count = unsafe buffer.withUnsafeMutableBufferPointer {
      unsafe call($0.baseAddress, $0.count)
    }
    if count < 0, errno == ERANGE {
      buffer = [UInt8](repeating: 0, count: 1 << 16)
      count = unsafe buffer.withUnsafeMutableBufferPointer {
        unsafe call($0.baseAddress, $0.count)
      }
    }
    return count > 0 ? AccessList(Array(buffer.prefix(count))) : nil
  }
}
