package import DCOS
import DNSNames
package import ReconcileModel

/// What the first look at a cluster saw, by one master of it: nothing is known yet, and nobody trusted.
package struct MasterSurvey: Sendable {
  package var master: MasterEndpoint
  /// Nil where the masters want a login, or do not agree.
  package var view: ClusterView?
  /// All masters that are known, as they are asked.
  package var masters: [MasterEndpoint]
  /// What the masters' certificates are known by, where nobody who is trusted here has signed them; empty where
  /// they can be verified, or there are none.
  package var fingerprints: [CertificateFingerprint] = []
  /// What kept the ID or the list from being learnt.
  package var objection: String?
  /// Whether the reason is that the masters want a login.
  package var wantsLogin = false

  /// Asks a master and those that it lists; no credentials are sent.
  ///
  /// - Throws: ``PassError`` where the master does not answer at all.
  package static func look(at master: MasterEndpoint) async throws(PassError) -> MasterSurvey {
    var survey = MasterSurvey(master: master, masters: [master])
    var round = try await observe(master, .system)
    if round.isUnverifiable {
      let pins = await fingerprints(of: [master])
      survey.fingerprints = pins
      round = try await observe(master, .fingerprints(Set(pins)))
      // Each master has a certificate of its own; those listed are met for the first time here.
      let listed = round.reports.compactMap { try? $0.members.get().addresses }.first ?? []
      survey.fingerprints = await fingerprints(of: [master] + listed.map(master.at))
      round = try await observe(master, .fingerprints(Set(survey.fingerprints)))
    }
    guard let report = round.reports.first(where: { $0.master == master }) else {
      throw PassError("\(master) was not asked")
    }
    let failures = [report.id.failure, report.members.failure].compactMap(\.self)
    survey.wantsLogin = failures.contains { $0.reason.isAboutLogin }
    if failures.count == 2, !survey.wantsLogin { throw PassError(failures[0]) }
    switch Agreement.reached(in: round) {
    case .success(let agreement):
      survey.view = agreement.view
      survey.masters = agreement.view.masters.map(master.at)
    case .failure(let disagreement):
      survey.objection = failures.first.map { "\($0)" } ?? disagreement.headline
    }
    return survey
  }

  private static func observe(
    _ master: MasterEndpoint, _ trust: Trust
  ) async throws(PassError) -> ObservationRound {
    do {
      let observer = try ClusterObserver(masters: [master], trust: trust)
      let round = await observer.observe()
      try await observer.shutdown()
      return round
    } catch {
      throw PassError(error)
    }
  }

  private static func fingerprints(of masters: [MasterEndpoint]) async -> [CertificateFingerprint] {
    var seen: Set<CertificateFingerprint> = []
    return await concurrentMap(masters, atMost: 8) { master in
      await CertificateInspection.fingerprint(of: master)
    }.compactMap { $0 }.filter { seen.insert($0).inserted }
  }
}

extension ObservationRound {
  /// Whether nothing is known because nobody trusted has signed a certificate.
  fileprivate var isUnverifiable: Bool {
    reports.contains { report in
      report.id.failure?.reason.isAboutTrust == true
    }
  }
}
