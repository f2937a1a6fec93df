import DCOS
import DNSNames
import Reconcile
import ReconcileModel
import SystemPackage

/// A first configuration, with comments, made from what was seen.
struct FirstConfiguration {
  let named: NamedSurvey
  let cluster: MasterSurvey
  let alias: DomainName?

  var text: String {
    ([head, bind, clusters, aliases].joined(separator: [""])).joined(separator: "\n") + "\n"
  }

  private var head: [String] {
    [
      "# zonebridge: made by zonebridge init. zonebridge.yaml(5) has every key.",
      "# zonebridge validate checks it, zonebridge diff shows what would follow, zonebridge run --once does it,",
      "# and systemctl enable --now zonebridge keeps it so.",
    ]
  }

  private var bind: [String] {
    var lines = ["bind:", "  named-conf: \(quoted(named.namedConf))"]
    if named.zonesIn != named.namedConf {
      lines.append("  zones-in: \(quoted(named.zonesIn))")
    }
    if named.root.isChanged { lines.append("  root: \(quoted(named.root.path))") }
    if !named.views.isEmpty {
      lines += [
        "  # Forward zones and aliases go into all views, unless you say into which.",
        "  #views: [\(named.views.map { quoted($0) }.joined(separator: ", "))]",
      ]
    }
    return lines + [
      "  # Where named answers, if that is not 127.0.0.1:53.", "  #query: 10.0.0.53:53",
    ]
  }

  private var clusters: [String] {
    let masters = cluster.masters.map { quoted("\($0)") }.joined(separator: ", ")
    return ["clusters:", "  - name: prod", "    masters: [\(masters)]"] + id + trust + login
  }

  private var id: [String] {
    guard let view = cluster.view else {
      return ["    # Its ID is pinned at first sight, once the masters report it."]
    }
    return [
      "    # The ID that the masters reported: another one is held until you accept it.",
      "    cluster-id: \(view.id)",
    ]
  }

  private var trust: [String] {
    guard !cluster.fingerprints.isEmpty else { return [] }
    let pins = cluster.fingerprints.map { "\"\($0)\"" }
    return [
      "    # No authority that this host trusts has signed the masters' certificates. Better than their fingerprints",
      "    # is the cluster's own authority: copy /ca/dcos-ca.crt of a master over a channel you trust, and write",
      "    #ca-certificate: prod-ca.crt",
      "    certificate-sha256:",
    ] + pins.map { "      - \($0)" }
  }

  private var login: [String] {
    let lead = cluster.wantsLogin ? "The masters want a login" : "Where the masters want a login"
    return [
      "    # \(lead): a service account's file, for zonebridge's user alone.",
      "    #service-account: prod.json",
    ]
  }

  /// A name that an alias could have in the zones of this named.
  static func exampleAlias(on named: NamedSurvey) -> String {
    "cluster.\(named.zone?.withoutTrailingDot ?? "contoso.com")"
  }

  private var aliases: [String] {
    let lead = "# Names that lead into the cluster: web.marathon.NAME for web.marathon.mesos."
    guard let alias else {
      return [
        lead, "aliases: []", "#  - name: \(Self.exampleAlias(on: named))", "#    cluster: prod",
      ]
    }
    return [lead, "aliases:", "  - name: \(quoted(alias.withoutTrailingDot))", "    cluster: prod"]
  }

  private func quoted(_ path: FilePath) -> String { quoted(path.string) }

  /// In quotes where YAML could take it for something else.
  private func quoted(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isASCII && ($0.isLetter || $0 == "/") } == true
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-:".contains($0)) }
      && !text.hasSuffix(":")
      && !["true", "false", "null", "yes", "no", "on", "off"].contains(text.lowercased())
    guard !isPlain else { return text }
    return "'\(text.replacing("'", with: "''"))'"
  }
}
