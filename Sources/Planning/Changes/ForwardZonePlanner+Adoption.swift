import BINDText
import DNSNames
import FileChange
import ReconcileModel

// What somebody wrote by hand after the documentation, taken over.
extension ForwardZonePlanner {
  /// Makes managed blocks of forward zones that stand in named.conf.
  ///
  /// A statement becomes a block where it stands if that is where the block belongs, else there; the
  /// comments in it stay, before the block, since what is in one is ours to overwrite.
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
      // Beside a block that is there already, the statement just goes.
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
