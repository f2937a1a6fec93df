import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Whether the control channel is there, and is that of the named whose files these are and which is
/// asked.
enum ControlCheck {
  static func look(at facts: CheckFacts) async -> [CheckLink] {
    guard facts.asksNamed else {
      return [
        CheckLink(
          .named, "rndc", .skipped, "bind.reload is none: named is neither told nor asked")
      ]
    }
    switch facts.named {
    case nil:
      return [
        CheckLink(.named, "rndc", .skipped, "not looked at, since BIND's programs are missing")
      ]
    case .failure(let error)?:
      let (cause, cure) = "\(error)".causeAndCure
      return [CheckLink(.named, "rndc", .broken, cause, cure: cure)] + (await answer(facts))
    case .success(let status)?:
      return [reached(status, facts)] + configuration(status, facts) + (await answer(facts))
    }
  }

  private static func reached(_ status: NamedStatus, _ facts: CheckFacts) -> CheckLink {
    let version = status.version.flatMap(BINDVersion.init).map { "BIND \($0)" } ?? "named"
    guard status.isUp else {
      return CheckLink(
        .named, "rndc", .warning, "\(version) answers, and is still starting",
        cure: "Wait until it has loaded its zones")
    }
    return CheckLink(.named, "rndc", .ok, "\(version) answers on its control channel")
  }

  /// Whether it reads our files, and has read them as they are.
  static func configuration(_ status: NamedStatus, _ facts: CheckFacts) -> [CheckLink] {
    guard let install = facts.install else { return [] }
    let path = "\(facts.desired.bind.namedConf)"
    if let foreign = install.foreignConfiguration(of: status) {
      return [
        CheckLink(
          .named, path, .broken, "the named on the control channel reads \(foreign), not this file",
          cure: "Set bind.rndc (server, port) to the named whose file this is, or bind.named-conf")
      ]
    }
    guard let loaded = status.lastConfigured else {
      return [
        CheckLink(
          .named, path, .skipped, "the named on the control channel does not tell when it read it")
      ]
    }
    let newer = install.tree.files.map(\.snapshot).filter {
      $0.identity.changed.seconds > loaded.secondsSinceEpoch
    }
    if let file = newer.first {
      return [
        CheckLink(
          .named, "\(file.path)", .warning,
          """
          changed at \(CivilTime(secondsSince1970: file.identity.changed.seconds)), after named last read \
          its configuration (\(loaded))
          """, cure: "If the change is to hold: rndc reconfig")
      ]
    }
    return [CheckLink(.named, path, .ok, "named has read it as it stands (\(loaded))")]
  }

  /// Whether what answers at `bind.query` is the same named.
  private static func answer(_ facts: CheckFacts) async -> [CheckLink] {
    let subject = "\(facts.desired.bind.query)"
    if let silence = facts.silence {
      let (cause, cure) = "\(silence)".causeAndCure
      return [
        CheckLink(
          .named, subject, .broken, cause,
          cure: cure.isEmpty ? "Set bind.query to an address on which named answers" : cure)
      ]
    }
    guard facts.isControlOurs, let control = facts.control, let install = facts.install else {
      return [CheckLink(.named, subject, .ok, "a name server answers there")]
    }
    let zones = install.zones.filter { $0.status?.servedSerial != nil && $0.view == nil }
    let look = ServedLook(client: facts.client, control: control)
    guard !zones.isEmpty, let objection = await look.objection(to: zones) else {
      let proof = zones.isEmpty ? "a name server answers there" : "the same named answers there"
      return [CheckLink(.named, subject, .ok, proof)]
    }
    let (cause, cure) = objection.causeAndCure
    return [CheckLink(.named, subject, .broken, cause, cure: cure)]
  }
}
