import ReconcileModel
import SystemPackage

/// What is wrong with the configuration file, where, and what to do about it.
struct ConfigurationError: OperatorError, Hashable {
  var file: FilePath
  /// From 1; nil where the file as a whole is meant.
  var line: Int?
  /// The path of the key from the top, as in `clusters[0].masters`.
  var key: String?
  /// What is wrong there.
  var problem: String
  var remedy: String?

  init(
    file: FilePath, line: Int? = nil, key: String? = nil, problem: String, remedy: String? = nil
  ) {
    self.file = file
    self.line = line
    self.key = key
    self.problem = problem
    self.remedy = remedy
  }

  /// `FILE:LINE: KEY: problem`, which editors jump to.
  var cause: String {
    let place = line.map { "\(file):\($0)" } ?? "\(file)"
    return [place, key, problem].compactMap(\.self).joined(separator: ": ")
  }

  var description: String { cause + (remedy.map { ". \($0)" } ?? "") }
}
