import FileChange
import ReconcileModel

extension FileContents {
  /// The names of the managed blocks in a text that was made by an edit, so that its markers are whole.
  var blockNames: [String] {
    let bytes = bytes
    let marker = "BEGIN zonebridge "
    return bytes.offsets(of: marker).map { offset in
      let name = bytes[(offset + marker.utf8.count)...].prefix { $0 != UInt8(ascii: ":") }
      return String(decoding: name, as: UTF8.self)
    }
  }
}
