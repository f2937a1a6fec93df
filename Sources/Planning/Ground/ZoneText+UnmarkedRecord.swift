import BINDText
import DNSNames
import ReconcileModel

extension ZoneText {
  /// An alias's DNAME record outside of managed blocks, most likely written by hand, with its file.
  func unmarkedRecord(
    of owner: DomainName
  ) -> (file: ZoneTextFile, record: ZoneFileRecord)? {
    for file in files {
      for record in file.outline.records(of: owner)
      where record.type == "DNAME"
        && file.block(around: record.range.lowerBound) == nil
      {
        return (file, record)
      }
    }
    return nil
  }
}
