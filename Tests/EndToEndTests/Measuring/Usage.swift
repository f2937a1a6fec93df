import SystemPackage
import TestSupport

/// What a process uses, and has used.
struct Usage: CustomStringConvertible {
  /// In bytes, now and at most.
  var resident: Int
  var peak: Int
  var descriptors: Int
  /// Processor time in hundredths of a second.
  var ticks: Int

  init(of pid: Int32) throws {
    let status = String(decoding: try readFile(FilePath("/proc/\(pid)/status")), as: UTF8.self)
    func kibibytes(_ key: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
      return Int(line.split(separator: " ").dropFirst().first.map(String.init) ?? "") ?? 0
    }
    (resident, peak) = (kibibytes("VmRSS:") << 10, kibibytes("VmHWM:") << 10)
    descriptors = try listFolder(FilePath("/proc/\(pid)/fd")).count
    // The fields behind the name in parentheses; utime and stime are the 14th and 15th (proc(5)).
    let stat = String(decoding: try readFile(FilePath("/proc/\(pid)/stat")), as: UTF8.self)
    let fields = stat.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
    ticks = fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
  }

  var description: String { "\(resident >> 10) KiB and \(descriptors) descriptors" }
}
