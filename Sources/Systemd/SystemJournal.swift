import CSystemd
import Glibc

/// journald, to which fields can be sent beside a message.
package enum SystemJournal {
  /// Whether what this process writes to standard error goes to journald.
  ///
  /// systemd says so with the device and inode of the stream (`JOURNAL_STREAM`, systemd.exec(5)); a program
  /// that was started by a service with its standard error led elsewhere has the variable all the same.
  package static var hasStandardError: Bool {
    guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
    let parts = unsafe String(cString: value).split(separator: ":")
    var status = stat()
    guard parts.count == 2, unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return parts[0] == "\(status.st_dev)" && parts[1] == "\(status.st_ino)"
  }

  /// Sends an entry.
  ///
  /// - Parameter fields: names in capitals, after systemd.journal-fields(7), with their values; a name may
  ///   come more than once.
  /// - Returns: whether it was handed over; where no journald runs, sd_journal_sendv(3) says so too.
  package static func send(_ fields: [(name: String, value: String)]) -> Bool {
    let texts = fields.map { Array("\($0.name)=\($0.value)".utf8) }
    // One buffer for all of them, which stays where it is during the call.
    var bytes = texts.flatMap(\.self)
    return unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return false }
      var vectors = unsafe [iovec]()
      var offset = 0
      for text in texts {
        let vector = unsafe iovec(iov_base: start + offset, iov_len: text.count)
        unsafe vectors.append(vector)
        offset += text.count
      }
      return unsafe sd_journal_sendv(vectors, CInt(vectors.count)) == 0
    }
  }
}
