import Glibc

/// How many files and connections this process may have open.
enum DescriptorLimit {
  /// Raises it to the hard limit, because a connection to each master of some hundred clusters is kept alive.
  ///
  /// The usual limit of 1,024 protects programs that use select(2), which this one does not.
  static func raise() {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    // If that fails, a later error will show it.
    _ = unsafe setrlimit(kind, &limit)
  }
}
