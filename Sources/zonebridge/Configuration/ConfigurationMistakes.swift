import ReconcileModel

/// What is wrong in a configuration, noted while it is read, so that all mistakes are reported at once.
final class ConfigurationMistakes {
  /// Whether the configuration is read on the host that it is for.
  let isOnItsHost: Bool
  private(set) var errors: [ConfigurationError] = []
  /// What can be read, but was probably not meant so.
  private(set) var warnings: [ConfigurationNote] = []

  init(isOnItsHost: Bool) { self.isOnItsHost = isOnItsHost }

  func note(_ error: ConfigurationError) { errors.append(error) }

  func warn(_ error: ConfigurationError) {
    warnings.append(ConfigurationNote(error.cause, remedy: error.remedy ?? ""))
  }

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
