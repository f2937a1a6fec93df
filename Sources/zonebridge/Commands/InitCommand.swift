import ArgumentParser
import DCOS
import DNSNames
import Reconcile
import ReconcileModel
import SystemPackage

/// `zonebridge init`: a first configuration.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a first configuration: reads named.conf, and asks a master.",
    discussion: """
      The cluster's ID, its masters and, where nobody trusted has signed them, the fingerprints of their \
      certificates are shown, and written with comments to --config. A file that is there is never written \
      over, and nothing else is changed.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A master, as in https://10.0.6.68.", valueName: "url"))
  var master: String

  @Option(
    help: ArgumentHelp(
      "Where named begins to read; else /etc/bind/named.conf, /etc/named.conf or that of Red Hat's chroot.",
      valueName: "file"), completion: .file())
  var namedConf: String?

  @Option(
    help: ArgumentHelp("A name that is to lead into the cluster.", valueName: "name"))
  var alias: String?

  func run() async throws {
    let (endpoint, owner) = try arguments()
    let path = common.path
    guard (try? path.stat(followTargetSymlink: false)) == nil else {
      throw failed("\(path) is there already. Remove it, or give another place: --config FILE")
    }
    do throws(PassError) {
      let named = try NamedSurvey.look(at: namedConf.map { FilePath($0) })
      let cluster = try await MasterSurvey.look(at: endpoint)
      show(named, cluster)
      let text = FirstConfiguration(named: named, cluster: cluster, alias: owner).text
      try write(text, to: path)
      let next =
        owner == nil
        ? "next: write under aliases which name is to lead there, then zonebridge diff"
        : "next: zonebridge diff"
      Diagnostics.output("wrote \(path); \(next)")
    } catch {
      throw failed("\(error)")
    }
    if case .wrong(let mistakes) = Configuration.read(path) {
      for mistake in mistakes { Diagnostics.error("\(mistake)") }
      throw ExitStatus.configurationWrong.code
    }
    throw ExitStatus.inSync.code
  }

  private func arguments() throws -> (MasterEndpoint, DomainName?) {
    let endpoint: MasterEndpoint
    do {
      endpoint = try MasterEndpoint(master)
    } catch {
      throw ValidationError("--master \(error)")
    }
    guard let alias else { return (endpoint, nil) }
    guard let owner = try? DomainName(alias), !owner.isRoot else {
      throw ValidationError("--alias \(alias): that is no domain name")
    }
    return (endpoint, owner)
  }

  private func show(_ named: NamedSurvey, _ cluster: MasterSurvey) {
    let views = named.views.isEmpty ? "" : ", with the views \(named.views.joined(separator: ", "))"
    Diagnostics.output("read \(named.namedConf)\(views)")
    if let view = cluster.view {
      let masters = view.masters.map(\.description).joined(separator: ", ")
      Diagnostics.output("\(cluster.master): cluster ID \(view.id), masters \(masters)")
    } else {
      Diagnostics.warning(
        "the cluster's ID and masters are not known yet: \(cluster.objection ?? "")")
    }
    guard !cluster.fingerprints.isEmpty else { return }
    Diagnostics.warning(
      """
      nobody that this host trusts has signed the masters' certificates; they are known by these \
      fingerprints (SHA-256) from now on:
      \(cluster.fingerprints.map(\.description).joined(separator: "\n"))
      Compare them with what this prints on each master: openssl s_client -connect 127.0.0.1:443 </dev/null \
      2>/dev/null | openssl x509 -noout -fingerprint -sha256
      """)
  }

  private func write(_ text: String, to path: FilePath) throws(PassError) {
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter { _ = try file.writeAll(Array(text.utf8)) }
    } catch {
      throw PassError("cannot write \(path): \(error)")
    }
  }

  private func failed(_ reason: String) -> ExitCode {
    Diagnostics.error(reason)
    return ExitStatus.failed.code
  }
}
