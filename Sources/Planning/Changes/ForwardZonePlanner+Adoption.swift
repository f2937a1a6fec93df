import BINDText
import DNSNames
import FileChange
import ReconcileModel

// Takes over what somebody wrote by hand after the documentation.
extension ForwardZonePlanner {
  /// Turns forward zones in named.conf into managed blocks.
  ///
  /// A statement becomes a block in its place if the block belongs there, and otherwise where the block belongs. Its
  /// comments stay, before the block, because the contents of a block are ours to overwrite.
  func adoption(
    of zones: [Zone], of cluster: Cluster, body: [String]
  ) throws(PlanError) -> [FileEdit] {
    var edits: [FileEdit] = []
    var missing = context.zoneSites
    var seen: [Zone] = []
    for zone in zones where !seen.contains(where: { $0.hasStatement(of: zone) }) {
      seen.append(zone)
      let outline = zone.source.outline
      let site = missing.firstIndex {
        $0.site.file == zone.file
          && outline.stands(zone.statement, in: $0.site.list)
      }
      // If the block is there already, the statement is just removed.
      let isWanted = site.map { !isWritten(cluster.name, at: missing[$0].site) } ?? false
      if let site { missing.remove(at: site) }
      do throws(ManagedBlockError) {
        let edit = try outline.takingOver(
          zone.statement, with: isWanted ? body : nil, named: cluster.name, digest: blockDigest)
        edits.append(FileEdit(zone.source, as: .configuration, .edit(edit)))
      } catch {
        throw PlanError("\(zone.source.snapshot.path)", error)
      }
    }
    for site in missing where !isWritten(cluster.name, at: site.site) {
      edits.append(try BlockEditor(context).insertion(of: body, named: cluster.name, at: site.site))
    }
    return edits
  }

  private func isWritten(_ name: String, at site: BlockSite) -> Bool {
    let file = context.actual.tree.files[site.file]
    return file.blocks.contains { $0.name == name && file.outline.stands($0, in: site.list) }
  }
}
