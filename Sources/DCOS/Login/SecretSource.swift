/// Where to read a secret, each time that it is needed.
///
/// The maker of the source decides how it is read, and whether its file may be trusted.
package struct SecretSource: Sendable, CustomStringConvertible {
  /// What an operator knows it by: the path of its file.
  package let name: String
  /// Its contents as they are now.
  package let contents: @Sendable () throws(SecretError.Problem) -> Secret

  package init(
    name: String, read contents: @escaping @Sendable () throws(SecretError.Problem) -> Secret
  ) {
    self.name = name
    self.contents = contents
  }

  package var description: String { name }

  /// The contents as they are now, with the source's name in the error.
  func read() throws(SecretError) -> Secret {
    do {
      return try contents()
    } catch {
      throw SecretError(name: name, problem: error)
    }
  }
}
