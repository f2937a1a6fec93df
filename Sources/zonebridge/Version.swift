/// The version of the program, which the packages take as well.
enum Version {
  static let current = "0.1.0"
}
