import Glibc
import SystemPackage

/// What the kernel says about this process, by the names that Prometheus' client libraries use.
struct ProcessMetrics {
  var cpuSeconds: Double
  var residentBytes: Int64
  var virtualBytes: Int64
  var openDescriptors: Int64?
  var maxDescriptors: Int64?
  /// In seconds since 1970.
  var started: Double

  /// Nil where `/proc` is not to be read.
  static var current: ProcessMetrics? {
    // The name of the program, in parentheses, may have blanks of its own (proc(5)).
    guard let stat = text(of: "/proc/self/stat"), let end = stat.lastIndex(of: ")") else {
      return nil
    }
    let fields = stat[stat.index(after: end)...].split(separator: " ").map { Int64($0) ?? 0 }
    // The first one is the third of proc(5).
    guard fields.count > 21 else { return nil }
    let ticks = Double(sysconf(CInt(_SC_CLK_TCK)))
    return ProcessMetrics(
      cpuSeconds: Double(fields[11] + fields[12]) / ticks,
      residentBytes: fields[21] * Int64(sysconf(CInt(_SC_PAGESIZE))), virtualBytes: fields[20],
      openDescriptors: countOfOpenDescriptors, maxDescriptors: descriptorLimit,
      started: bootTime + Double(fields[19]) / ticks)
  }

  /// When the host was started; read once, so that the start of the process does not waver.
  ///
  /// `/proc/stat` has it too, but a confined service does not see that (ProcSubset=pid).
  private static let bootTime: Double = {
    var (now, sinceBoot) = (timespec(), timespec())
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    unsafe clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
    return seconds(now) - seconds(sinceBoot)
  }()

  private static func seconds(_ time: timespec) -> Double {
    Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static var countOfOpenDescriptors: Int64? {
    guard let folder = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(folder) }
    var count: Int64 = 0
    while unsafe readdir(folder) != nil { count += 1 }
    // `.`, `..` and the descriptor of the folder itself do not count.
    return count - 3
  }

  private static var descriptorLimit: Int64? {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return nil
    }
    return Int64(clamping: limit.rlim_cur)
  }

  private static func text(of path: FilePath) -> String? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
      return nil
    }
    return try? file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = unsafe try bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }

  var families: [MetricFamily] {
    [
      MetricFamily("process_cpu_seconds_total", .counter, "CPU time of the agent.")
        .with(cpuSeconds),
      MetricFamily("process_resident_memory_bytes", .gauge, "Resident memory of the agent.")
        .with(residentBytes),
      MetricFamily("process_virtual_memory_bytes", .gauge, "Virtual memory of the agent.")
        .with(virtualBytes),
      MetricFamily("process_open_fds", .gauge, "Open file descriptors of the agent.")
        .with(openDescriptors),
      MetricFamily("process_max_fds", .gauge, "How many file descriptors it may open.")
        .with(maxDescriptors),
      MetricFamily("process_start_time_seconds", .gauge, "When the agent was started.")
        .with(started),
    ]
  }
}
