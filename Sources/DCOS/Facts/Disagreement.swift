import DNSNames

/// The masters' reports held no majority, with what each of them said.
package struct Disagreement: Error, Hashable, Sendable, CustomStringConvertible {
  package let isAboutID: Bool
  package let isAboutMasters: Bool
  package let reports: [MasterReport]

  /// One line a master, and before them one that says what is missing.
  package var description: String {
    ([headline] + statements).joined(separator: "\n")
  }

  package var headline: String {
    guard !reports.isEmpty else {
      return "no master was asked"
    }
    let subject =
      switch (isAboutID, isAboutMasters) {
      case (true, true): "the cluster ID and the list of masters"
      case (true, false): "the cluster ID"
      default: "the list of masters"
      }
    return reports.count == 1
      ? "the only master asked did not say \(subject):"
      : "no majority of the masters agrees on \(subject); \(reports.count) were asked:"
  }

  /// How many masters, and how many members of a list, a message names: a liar may name any number.
  private static let mostTold = 8

  /// What each master said, in the order asked.
  package var statements: [String] {
    let rest = reports.count - Self.mostTold
    return reports.prefix(Self.mostTold).map { report in
      switch (report.id, report.members) {
      case (.failure(let id), .failure(let members)) where id.reason == members.reason:
        "\(report.master): \(id.reason)"
      default:
        "\(report.master): \(Self.sentence(report.id)); \(Self.sentence(report.members))"
      }
    } + (rest > 0 ? ["and \(rest) more; `zonebridge status` lists them"] : [])
  }

  private static func sentence(_ id: Result<ClusterID, ObservationError>) -> String {
    switch id {
    case .success(let id): "ID \(id)"
    case .failure(let failure): failure.description
    }
  }

  private static func sentence(_ members: Result<MemberList, ObservationError>) -> String {
    switch members {
    case .success(let list):
      "masters \(words(for: list)) (\(list.source))"
    case .failure(let failure):
      failure.description
    }
  }

  private static func words(for list: MemberList) -> String {
    let rest = list.addresses.count - mostTold
    let told = list.addresses.prefix(mostTold).map(\.description)
    return (told + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: ", ")
  }
}
