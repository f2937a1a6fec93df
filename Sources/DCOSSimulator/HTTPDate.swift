import Glibc

/// The `Date` header (RFC 9110 section 5.6.7).
enum HTTPDate {
  static func now() -> String {
    var seconds = time(nil)
    var fields = unsafe tm()
    var text = [CChar](repeating: 0, count: 40)
    // The names of days and months are in English, because this program never leaves the C locale.
    let length = unsafe strftime(
      &text, text.count, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &fields))
    return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
