import Glibc
import TestSupport

/// BIND's own checkers, run on files in a folder that is gone afterwards.
struct Checkers {
  private let folder: TemporaryFolder

  struct Verdict {
    let isAccepted: Bool
    let output: String
    var lines: [Substring] { output.split(separator: "\n") }
  }

  init() throws { folder = try TemporaryFolder() }

  func write(_ bytes: [UInt8], to name: String) throws { try folder.write(name, bytes) }

  /// `named-checkconf`, which has to be silent about what it accepts.
  func checkConfiguration(_ bytes: [UInt8], options: String = "") throws -> Verdict {
    try write(bytes, to: "named.conf")
    return try run("named-checkconf \(options) named.conf")
  }

  /// `named-compilezone` with the zone on its output, a record a line.
  func compileZone(_ bytes: [UInt8], named zone: String) throws -> Verdict {
    try write(bytes, to: "zone.db")
    return try run("named-compilezone -i none -k ignore -n ignore -o - '\(zone)' zone.db")
  }

  func checkZone(_ bytes: [UInt8], named zone: String) throws -> Verdict {
    try write(bytes, to: "zone.db")
    return try run("named-checkzone -i none -k ignore -n ignore '\(zone)' zone.db")
  }

  private func run(_ command: String) throws -> Verdict {
    let line = "cd '\(folder.path)' && PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \(command) 2>&1"
    guard let pipe = unsafe popen(line, "r") else { throw SystemCallFailure(command) }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { break }
      output += buffer[..<count]
    }
    let status = unsafe pclose(pipe)
    return Verdict(isAccepted: status == 0, output: String(decoding: output, as: UTF8.self))
  }
}
