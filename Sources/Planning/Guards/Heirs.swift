import BINDText
import FileChange
import ReconcileModel
import SystemPackage

extension ConfigurationTree {
  /// The place of a record that inherits its owner from before an offset, in the file or in one that it includes there;
  /// nil if there is none.
  func heir(behind offset: Int, in file: ZoneTextFile, of text: ZoneText) -> String? {
    for include in file.outline.includesInheriting(behind: offset) {
      let path = onHost(FilePath(include.path))
      let included = text.files.first { $0.snapshot.path == path }
      if let included, included.outline.beginsWithoutOwner { return included.location(of: 0) }
    }
    return file.outline.recordInheriting(behind: offset).map {
      file.location(of: $0.range.lowerBound)
    }
  }
}
