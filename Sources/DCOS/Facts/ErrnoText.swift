import Glibc

/// The system's words for an errno; thread-safe in glibc from 2.32.
func errnoText(_ code: Int32) -> String {
  unsafe String(cString: strerror(code))
}
