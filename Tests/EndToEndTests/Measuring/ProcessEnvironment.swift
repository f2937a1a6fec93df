import Glibc

/// The environment of the tests.
enum ProcessEnvironment {
  static subscript(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
