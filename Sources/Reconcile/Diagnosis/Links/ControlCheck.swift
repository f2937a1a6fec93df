import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Whether the control channel answers, and belongs to the named whose files these are and which zonebridge asks.
struct ControlCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    get async { await controlChannel + answer }
  }

  private var controlChannel: [Finding] {
    guard facts.asksNamed else {
      return [
        Finding(
          .named, "rndc", .skipped, "bind.reload is none: zonebridge does not contact named")
      ]
    }
    switch facts.named {
    case nil:
      return [
        Finding(.named, "rndc", .skipped, "skipped: BIND's programs are missing")
      ]
    case .failure(let error)?:
      return [Finding(.named, "rndc", .broken, error)]
    case .success(let status)?:
      return [reached(status)] + configuration(status)
    }
  }

  private func reached(_ status: NamedStatus) -> Finding {
    let version = status.version.flatMap(BINDVersion.init).map { "BIND \($0)" } ?? "named"
    guard status.isUp else {
      return Finding(
        .named, "rndc", .warning, "\(version) answers, and is still starting",
        remedy: "Wait until it has loaded its zones")
    }
    if let untested = status.version.flatMap(BINDVersion.init)?.untested {
      return Finding(
        .named, "rndc", .warning, "\(untested)",
        remedy: "It may work as well: zonebridge diff shows what a pass would do")
    }
    return Finding(.named, "rndc", .ok, "\(version) answers on its control channel")
  }

  /// Whether it reads our files, and has read them as they are.
  func configuration(_ status: NamedStatus) -> [Finding] {
    guard let actual = facts.actual else { return [] }
    let path = "\(facts.desired.bind.namedConf)"
    if let foreign = actual.foreignConfiguration(of: status) {
      return [
        Finding(
          .named, path, .broken, "the named on the control channel reads \(foreign), not this file",
          remedy: "Set bind.rndc (server, port) to the named whose file this is, or bind.named-conf"
        )
      ]
    }
    guard let loaded = status.lastConfigured else {
      return [
        Finding(
          .named, path, .skipped, "the named on the control channel does not say when it read it")
      ]
    }
    let newer = actual.tree.files.map(\.snapshot).filter {
      $0.identity.changed.seconds > loaded.secondsSinceEpoch
    }
    if let file = newer.first {
      return [
        Finding(
          .named, "\(file.path)", .warning,
          """
          changed at \(CivilTime(secondsSince1970: file.identity.changed.seconds)), after named last read \
          its configuration (\(loaded))
          """, remedy: "To have named load the change: rndc reconfig")
      ]
    }
    return [Finding(.named, path, .ok, "named has read the current file (\(loaded))")]
  }

  /// Whether what answers at `bind.query` is the same named.
  private var answer: [Finding] {
    get async {
      guard facts.asksNamed, facts.named != nil else { return [] }
      return [await answer(at: "\(facts.desired.bind.query)")]
    }
  }

  private func answer(at subject: String) async -> Finding {
    if let silence = facts.silence {
      return Finding(
        .named, subject, .broken, silence,
        otherwise: "Set bind.query to an address on which named answers")
    }
    guard facts.isControlOurs, let control = facts.control, let actual = facts.actual else {
      return Finding(.named, subject, .ok, "a name server answers there")
    }
    let zones = actual.zones.filter { $0.status?.servedSerial != nil && $0.view == nil }
    let probe = NamedProbe(client: facts.client, control: control)
    guard !zones.isEmpty, let objection = await probe.objection(to: zones) else {
      let proof = zones.isEmpty ? "a name server answers there" : "the same named answers there"
      return Finding(.named, subject, .ok, proof)
    }
    return Finding(.named, subject, .broken, objection)
  }
}
