import BINDText
import FileChange
import ReconcileModel

/// Writes managed blocks into named.conf.
struct BlockEditor {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// Plans the managed blocks of a name in named.conf: in the right places, with the right contents.
  ///
  /// Blocks elsewhere are removed, except those that are still needed.
  func blockEdits(
    _ name: String, _ wanted: [(site: BlockSite, body: [String])],
    sparing isNeeded: (ManagedBlock, ConfigurationFile) -> Bool = { _, _ in false }
  ) throws(PlanError) -> BlockEdits {
    var result = BlockEdits()
    var missing = wanted
    for placed in context.blocks[name] ?? [] {
      let (index, block) = (placed.file, placed.block)
      let file = context.actual.tree.files[index]
      let found = missing.firstIndex {
        $0.site.file == index && file.outline.stands(block, in: $0.site.list)
      }
      guard let found else {
        guard !isNeeded(block, file) else { continue }
        if !wanted.isEmpty {
          result.warnings.append(
            """
            \(file.location(of: block.range.lowerBound)): the managed block \(name) is in the wrong place (see \
            zones-in, views), and is removed
            """)
        }
        result.edits.append(FileEdit(file, as: .configuration, .removal(block)))
        continue
      }
      let body = missing.remove(at: found).body
      do throws(ManagedBlockError) {
        guard let edit = try file.correction(of: block, to: body) else { continue }
        result.noteHandEdit(of: block, in: file)
        result.edits.append(FileEdit(file, as: .configuration, .edit(edit)))
      } catch {
        throw PlanError("\(file.snapshot.path)", error)
      }
    }
    for (site, body) in missing {
      result.edits.append(try insertion(of: body, named: name, at: site))
    }
    return result
  }

  func insertion(
    of body: [String], named name: String, at site: BlockSite
  ) throws(PlanError) -> FileEdit {
    let file = context.actual.tree.files[site.file]
    do throws(ManagedBlockError) {
      let edit =
        if let list = site.list {
          try file.outline.insertion(of: body, named: name, in: list, digest: blockDigest)
        } else {
          try file.outline.insertion(of: body, named: name, digest: blockDigest)
        }
      return FileEdit(file, as: .configuration, .edit(edit))
    } catch {
      throw PlanError("\(file.snapshot.path)", error)
    }
  }
}
