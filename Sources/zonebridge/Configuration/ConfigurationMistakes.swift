/// What is wrong in a configuration, noted while it is read, so that all of it is told at once.
final class ConfigurationMistakes {
  private(set) var errors: [ConfigurationError] = []

  func note(_ error: ConfigurationError) { errors.append(error) }

  /// What a closure reads; nil where it finds a mistake, which is noted.
  func noting<Value>(
    _ node: ConfigurationNode, _ read: (ConfigurationNode) throws -> Value
  ) -> Value? {
    do {
      return try read(node)
    } catch {
      note(
        error as? ConfigurationError
          ?? ConfigurationError(
            file: node.file, line: node.line, key: node.key, problem: "\(error)"))
      return nil
    }
  }
}
