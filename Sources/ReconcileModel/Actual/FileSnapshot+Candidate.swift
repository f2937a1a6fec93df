package import BINDText
package import FileChange

extension FileSnapshot {
  package func candidate(_ edits: [TextEdit]) throws(PassError) -> FileContents {
    do throws(TextEditError) {
      return FileContents(pieces: try bytes.pieces(applying: edits))
    } catch {
      throw PassError("\(path)", error)
    }
  }
}
