import Glibc

/// What a user is called in a sentence.
package func userName(_ user: UInt32) -> String {
  accountName(user) ?? "user \(user)"
}

/// What a user is called in a command such as chown(1), which takes the number as well.
package func userArgument(_ user: UInt32) -> String {
  accountName(user) ?? "\(user)"
}

/// Nil where this host has no name for the user.
private func accountName(_ user: UInt32) -> String? {
  var entry = unsafe passwd()
  var found: UnsafeMutablePointer<passwd>?
  var buffer = [CChar](repeating: 0, count: 4096)
  let code = unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found)
  guard code == 0, unsafe found != nil, let name = unsafe entry.pw_name else { return nil }
  return unsafe String(cString: name)
}
