import BINDText
package import DNSNames
import FileChange
package import ReconcileModel
package import SystemPackage

/// What the first look at a named's files saw.
package struct NamedSurvey: Sendable {
  package var namedConf: FilePath
  /// Where named was chrooted to.
  package var root: ServerRoot
  /// The file for zones of one's own.
  package var zonesIn: FilePath
  /// The views of class IN, in their order.
  package var views: [String]
  /// The first zone in which an alias may go; nil if there is none.
  package var zone: DomainName?

  /// Where distributions have named.conf: Debian; Red Hat, plain and chrooted.
  private static let usual: [(file: FilePath, root: ServerRoot)] = [
    ("/etc/bind/named.conf", ServerRoot()), ("/etc/named.conf", ServerRoot()),
    ("/var/named/chroot/etc/named.conf", ServerRoot("/var/named/chroot")),
  ]

  /// Reads the configuration that is named, or else the one that is found.
  package static func look(at file: FilePath?) throws(PassError) -> NamedSurvey {
    let (file, root) =
      if let file { (file, ServerRoot()) } else { try found() }
    let settings = BINDSettings(
      namedConf: file, zonesIn: file, query: .localNameServer, reload: .none, root: root)
    let tree: ConfigurationTree
    do throws(InspectionError) {
      tree = try ConfigurationTreeReader.read(settings)
    } catch {
      throw PassError(error)
    }
    // Debian's file for zones that the administrator adds.
    let local = tree.files.first {
      $0.snapshot.path.lastComponent?.string == "named.conf.local" && $0.views == [nil]
    }
    return NamedSurvey(
      namedConf: file, root: root, zonesIn: local?.snapshot.path ?? file,
      views: tree.views.filter(\.isInternetClass).map(\.name), zone: zone(in: tree))
  }

  /// Debian's own zones, of localhost and for reverse look-ups, are no place for an alias.
  private static func zone(in tree: ConfigurationTree) -> DomainName? {
    for file in tree.files {
      for zone in file.outline.zones where file.outline.clauses(of: zone).type == .primary {
        guard let name = file.outline.name(of: zone), name.labelCount > 1,
          name.labels.last.map({ String(decoding: $0, as: UTF8.self).lowercased() }) != "arpa"
        else { continue }
        return name
      }
    }
    return nil
  }

  private static func found() throws(PassError) -> (FilePath, ServerRoot) {
    for (file, root) in usual where (try? file.stat()) != nil { return (file, root) }
    throw PassError(
      "none of \(usual.map(\.file.string).joined(separator: ", ")) exists",
      remedy: "Name named's configuration: --named-conf FILE")
  }
}
