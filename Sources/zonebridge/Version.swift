/// The version: `zonebridge --version`, and what the packages are called after.
enum Version {
  // deploy/package reads this line.
  static let current = "0.2.0"
}
