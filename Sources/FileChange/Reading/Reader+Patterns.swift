import Glibc
package import SystemPackage

extension FilePath {
  /// Whether glob(3) would find the path by a pattern, if there were such a file.
  package func matches(_ pattern: FilePath) -> Bool {
    unsafe pattern.lexicallyNormalized().withPlatformString { pattern in
      unsafe withPlatformString {
        unsafe fnmatch(pattern, $0, FNM_PATHNAME | FNM_PERIOD) == 0
      }
    }
  }
}

extension Reader {
  /// The files that a pattern names, in the order of glob(3); none where there are none, or its user may not
  /// list the folder.
  package func paths(matching pattern: FilePath) -> [FilePath] {
    var paths: [FilePath] = [FilePath(root: pattern.root, [])]
    for component in pattern.components {
      let isPattern = component.bytes.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }
      paths = paths.flatMap { path -> [FilePath] in
        guard isPattern else { return [path.appending(component)] }
        return names(in: path).filter { matches(component, $0) }.map { path.appending($0) }
      }
    }
    return paths.filter(exists).sorted { one, other in
      one.bytes.lexicographicallyPrecedes(other.bytes)
    }
  }

  /// A name that begins with a dot has to be matched by one.
  private func matches(_ pattern: FilePath.Component, _ name: FilePath.Component) -> Bool {
    unsafe pattern.withPlatformString { pattern in
      unsafe name.withPlatformString { unsafe fnmatch(pattern, $0, FNM_PERIOD) == 0 }
    }
  }

  private func names(in path: FilePath) -> [FilePath.Component] {
    guard let folder = try? Walk.folder(at: path, as: self),
      user.map({ $0.mayRead(folder.metadata, folder.accessList) }) ?? true
    else { return [] }
    return (try? folder.names()) ?? []
  }

  /// A file that exists and cannot be read is reported when it is read.
  private func exists(_ path: FilePath) -> Bool {
    do throws(FileChangeError) {
      return try Walk.place(of: path, as: self).status != nil
    } catch .system(_, _, .notDirectory) {
      return false
    } catch {
      return !error.isNotFound
    }
  }
}
