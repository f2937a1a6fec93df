import Glibc
import SystemPackage

/// Makes a system call which says by -1 that it failed, again for as long as signals interrupt it.
@discardableResult
func attempt<Value: FixedWidthInteger & SignedInteger>(
  _ operation: FileOperation, _ path: FilePath, _ call: () -> Value
) throws(FileChangeError) -> Value {
  while true {
    let value = call()
    guard value == -1 else { return value }
    let code = Errno(rawValue: errno)
    guard code == .interrupted else { throw .system(operation, path, code) }
  }
}
