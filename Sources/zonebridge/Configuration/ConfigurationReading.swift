/// What came of reading a configuration file.
enum ConfigurationReading {
  case right(Configuration)
  /// All that is wrong in it, in the order of the file's lines; at least one mistake.
  case wrong([ConfigurationError])

  /// - Throws: the first mistake.
  func get() throws(ConfigurationError) -> Configuration {
    switch self {
    case .right(let configuration): return configuration
    case .wrong(let mistakes): throw mistakes[0]
    }
  }
}
