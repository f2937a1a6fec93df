import DNSNames
import Named

extension DNSAnswer {
  /// The rdata of the answers of one type at a name.
  func rdata(of type: RecordType, at owner: DomainName) -> [String] {
    answers.filter { $0.type == type.rawValue && (try? DomainName($0.owner)) == owner }.map(\.rdata)
  }

  /// Whether the SOA record of a zone was answered.
  func hasAuthority(of zone: DomainName) -> Bool { !rdata(of: .soa, at: zone).isEmpty }
}
