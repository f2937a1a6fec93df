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
    abstract: "Write a first configuration from named.conf and the answers of a master.",
    discussion: """
      The command prints the cluster's ID, its masters and, if no trusted authority signed them, the fingerprints of \
      their certificates, and writes them with comments to --config. It never overwrites a file, and changes nothing \
      else.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A DC/OS master, as in https://10.0.6.68.", valueName: "url"))
  var master: String

  @Option(
    help: ArgumentHelp(
      "The named.conf to read. By default /etc/bind/named.conf, then /etc/named.conf, then the one in Red Hat's chroot.",
      valueName: "file"), completion: .file())
  var namedConf: String?

  @Option(
    help: ArgumentHelp("A name of yours that will lead into the cluster.", valueName: "name"))
  var alias: String?

  func validate() throws { _ = try arguments() }

  func run() async throws {
    let (endpoint, owner) = try arguments()
    let path = common.path
    guard (try? path.stat(followTargetSymlink: false)) == nil else {
      throw failed("\(path) exists already. Remove it, or name another file: --config FILE")
    }
    do throws(PassError) {
      let named = try NamedSurvey.look(at: namedConf.map { FilePath($0) })
      let cluster = try await survey(endpoint)
      show(named, cluster)
      let text = FirstConfiguration(named: named, cluster: cluster, alias: owner).text
      try write(text, to: path)
      let example = FirstConfiguration.exampleAlias(on: named)
      let next =
        owner == nil
        ? "Next: under aliases, write the name that should lead there, such as \(example). Then: zonebridge diff"
        : "Next: zonebridge diff"
      Diagnostics.output("wrote \(path). \(next)")
    } catch {
      throw failed("\(error)")
    }
    if case .wrong(let mistakes) = Configuration.read(path) {
      for mistake in mistakes { Diagnostics.error("\(mistake)") }
      throw ExitStatus.configurationWrong.code
    }
    throw ExitStatus.inSync.code
  }

  private func survey(_ master: MasterEndpoint) async throws(PassError) -> MasterSurvey {
    do throws(PassError) {
      return try await MasterSurvey.look(at: master)
    } catch {
      let other = master.scheme == .http ? "https" : "http"
      let what = master.scheme == .http ? "If it has TLS" : "If it has no TLS, as in DC/OS Open"
      let end = "\(error)".hasSuffix("?") ? "" : "."
      throw PassError(
        cause: error.cause, remedy: error.remedy,
        description: "\(error)\(end) \(what): --master \(other)://\(master.host)")
    }
  }

  private func arguments() throws -> (MasterEndpoint, DomainName?) {
    let endpoint: MasterEndpoint
    do throws(MasterEndpointError) {
      endpoint = try MasterEndpoint(master)
    } catch {
      let hint =
        error.reason == .noScheme
        ? ". Write https://\(master), or http://\(master) for DC/OS Open without TLS" : ""
      throw ValidationError("--master \(error)\(hint)")
    }
    guard let alias else { return (endpoint, nil) }
    guard let owner = try? DomainName(alias), !owner.isRoot else {
      throw ValidationError("--alias \(alias): that is not a domain name")
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
      no authority that this host trusts signed the masters' certificates, so the configuration pins these \
      fingerprints (SHA-256):
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
