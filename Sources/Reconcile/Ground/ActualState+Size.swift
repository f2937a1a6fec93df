import BINDText
import FileChange
import ReconcileModel

extension ActualState {
  /// How many bytes a zone's text has, with all that it includes; none for a zone that cannot be read.
  func size(of zone: ZoneInView) -> Int {
    text(of: zone.name, in: zone.view)?.files.reduce(0) { $0 + $1.snapshot.bytes.count } ?? 0
  }
}
