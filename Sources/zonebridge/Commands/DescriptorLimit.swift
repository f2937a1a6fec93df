import Glibc

/// How many files and connections this process may have open.
enum DescriptorLimit {
  /// Raises it as far as it goes: a connection to each master of some hundred clusters is kept alive, and
  /// the usual limit of 1,024 is there for programs that use select(2), of which this is none.
  static func raise() {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    // If that fails, a later error will show it.
    _ = unsafe setrlimit(kind, &limit)
  }
}
