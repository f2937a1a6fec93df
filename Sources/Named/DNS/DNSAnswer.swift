package import DNSNames

/// A response code (RFC 1035 section 4.1.1, RFC 2136 section 2.2).
package struct ResponseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  package static let noError = ResponseCode(rawValue: 0)
  package static let formatError = ResponseCode(rawValue: 1)
  package static let serverFailure = ResponseCode(rawValue: 2)
  package static let nameError = ResponseCode(rawValue: 3)
  package static let notImplemented = ResponseCode(rawValue: 4)
  package static let refused = ResponseCode(rawValue: 5)
  /// Of DNS UPDATE (RFC 2136 section 2.2): a name or an RRset is there that should not be, or one is
  /// not there that should.
  package static let nameExists = ResponseCode(rawValue: 6)
  package static let rrsetExists = ResponseCode(rawValue: 7)
  package static let rrsetMissing = ResponseCode(rawValue: 8)
  package static let notAuthoritative = ResponseCode(rawValue: 9)

  /// As dig prints it.
  package var description: String {
    switch self {
    case .noError: "NOERROR"
    case .formatError: "FORMERR"
    case .serverFailure: "SERVFAIL"
    case .nameError: "NXDOMAIN"
    case .notImplemented: "NOTIMP"
    case .refused: "REFUSED"
    case .nameExists: "YXDOMAIN"
    case .rrsetExists: "YXRRSET"
    case .rrsetMissing: "NXRRSET"
    case .notAuthoritative: "NOTAUTH"
    default: "RCODE\(rawValue)"
    }
  }
}

/// A record of an answer.
package struct ResourceRecord: Hashable, Sendable, CustomStringConvertible {
  package let owner: DomainName
  package let ttl: UInt32
  package let type: RecordType
  /// The fields of the rdata, in presentation form (RFC 1035 section 5.1).
  package let fields: [String]

  /// The fields as a zone file has them.
  package var rdata: String { fields.joined(separator: " ") }

  /// Where a CNAME, DNAME or NS record leads; nil for any other.
  package var target: DomainName? {
    [.cname, .dname, .ns].contains(type) ? try? DomainName(rdata) : nil
  }

  package var description: String { "\(owner) \(ttl) IN \(type) \(rdata)" }
}

/// How a question goes to its server.
package enum DNSTransport: String, Hashable, Sendable, CustomStringConvertible {
  case udp = "UDP"
  case tcp = "TCP"

  package var description: String { rawValue }
}

/// What a server answered.
package struct DNSAnswer: Equatable, Sendable {
  package let rcode: ResponseCode
  /// The AA flag: the server has the zone.
  package let isAuthoritative: Bool
  /// The RA flag: the server would recurse for this client.
  package let isRecursionAvailable: Bool
  /// The TC flag; set only if the answer did not even fit into one over TCP.
  package let isTruncated: Bool
  package let answers: [ResourceRecord]
  package let authority: [ResourceRecord]
  /// How the answer came; TCP if it was too long for UDP.
  package let transport: DNSTransport
  package var additional: [ResourceRecord] = []

  /// The rdata of the answers of one type, whatever their owners.
  package func rdata(of type: RecordType) -> [String] {
    answers.filter { $0.type == type }.map(\.rdata)
  }

  /// The answers of one type at a name; those of a name above may be there as well.
  package func records(of type: RecordType, at owner: DomainName) -> [ResourceRecord] {
    answers.filter { $0.type == type && $0.owner == owner }
  }

  /// Whether the SOA record of a zone was answered.
  package func hasAuthority(of zone: DomainName) -> Bool { !records(of: .soa, at: zone).isEmpty }

  /// The serial in the first SOA of the answer section (RFC 1035 section 3.3.13).
  package var serial: SerialNumber? {
    guard let soa = answers.first(where: { $0.type == .soa }), soa.fields.count == 7 else {
      return nil
    }
    return SerialNumber(decimal: soa.fields[2])
  }
}

/// Why a question got no answer.
package enum DNSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was to be asked for is no name, and so nothing was asked.
  case invalidName(String)
  /// Nothing listens there.
  case connectionRefused(Endpoint, DNSTransport)
  case timedOut(Endpoint, DNSTransport, after: Duration)
  case unreachable(Endpoint, reason: String)
  /// What came is no DNS message, or none that answers the question.
  case malformed(Endpoint, reason: String)

  /// What is wrong.
  package var cause: String {
    switch self {
    case .invalidName(let name): "\"\(name)\" is not a domain name"
    case .connectionRefused(let server, let transport):
      "nothing listens on \(server) (\(transport))"
    case .timedOut(let server, let transport, let limit):
      "\(server) did not answer over \(transport) within \(limit)"
    case .unreachable(let server, let reason): "\(server) cannot be reached: \(reason)"
    case .malformed(let server, let reason):
      "\(server) sent something that does not answer the question: \(reason)"
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    guard case .connectionRefused = self else { return nil }
    return "the name server is down, or listens on another address or port"
  }

  package var description: String { cause + (remedy.map { ": \($0)" } ?? "") }
}
