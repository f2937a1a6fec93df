import CSystemd
import Glibc

/// journald, which accepts fields along with a message.
package enum SystemJournal {
  /// Whether the standard error of this process goes to journald.
  ///
  /// systemd sets `JOURNAL_STREAM` to the device and inode of the stream (systemd.exec(5)); a program that a service
  /// starts with its standard error redirected inherits the variable all the same.
  package static var hasStandardError: Bool {
    guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
    let parts = unsafe String(cString: value).split(separator: ":")
    var status = stat()
    guard parts.count == 2, unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return parts[0] == "\(status.st_dev)" && parts[1] == "\(status.st_ino)"
  }

  /// Sends an entry.
  ///
  /// - Parameter fields: Names in upper case, as in systemd.journal-fields(7), with their values; a name may occur more
  ///   than once.
  /// - Returns: Whether the entry was handed over; sd_journal_sendv(3) also reports success if no journald is running.
  package static func send(_ fields: [(name: String, value: String)]) -> Bool {
    let texts = fields.map { Array("\($0.name)=\($0.value)".utf8) }
    // One buffer for all fields, so that the pointers stay valid during the call.
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
