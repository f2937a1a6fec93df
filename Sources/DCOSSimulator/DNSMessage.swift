import CLDNS

/// A question as dcos-net reads it.
struct DNSQuestion: Sendable {
  /// The name as asked, in presentation format with a trailing dot.
  let name: String
  let type: DNSType?

  /// Reads a message in wire format; nil unless it has exactly one question, of class IN.
  init?(message: [UInt8]) {
    guard let packet = unsafe DNSMessage.parse(message) else {
      return nil
    }
    defer { unsafe ldns_pkt_free(packet) }
    guard unsafe ldns_pkt_get_opcode(packet) == LDNS_PACKET_QUERY,
      unsafe ldns_pkt_qdcount(packet) == 1,
      let record = unsafe ldns_rr_list_rr(ldns_pkt_question(packet), 0),
      unsafe ldns_rr_get_class(record) == LDNS_RR_CLASS_IN,
      let text = unsafe ldns_rdf2str(ldns_rr_owner(record))
    else {
      return nil
    }
    defer { unsafe free(text) }
    name = unsafe String(cString: text)
    type = unsafe DNSType(ldns_rr_get_type(record))
  }
}

/// The record types in the simulated zones.
enum DNSType: Sendable {
  case a
  /// All types (QTYPE `*`, RFC 1035 section 3.2.3).
  case any
  case aaaa
  case ns
  case soa
  case srv

  fileprivate init?(_ type: ldns_rr_type) {
    switch type {
    case LDNS_RR_TYPE_A: self = .a
    case LDNS_RR_TYPE_ANY: self = .any
    case LDNS_RR_TYPE_AAAA: self = .aaaa
    case LDNS_RR_TYPE_NS: self = .ns
    case LDNS_RR_TYPE_SOA: self = .soa
    case LDNS_RR_TYPE_SRV: self = .srv
    default: return nil
    }
  }
}

/// The contents of an answer apart from the question; records are in presentation format.
struct DNSReply: Sendable {
  enum Code: Sendable {
    case noError
    case serverFailure
    case nameError
    case refused
  }

  var code: Code
  var isResponse = true
  var isAuthoritative = true
  var answers: [String] = []
  var authority: [String] = []
  var additional: [String] = []
  /// The question's name in the answer; nil to keep it as asked.
  var questionName: String?
}

enum DNSMessage {
  /// The reply in wire format, built from the message with the question.
  ///
  /// As in dcos-net, the ID, EDNS and the question are copied, except for the question's name. Over UDP a reply that is
  /// too long becomes empty and truncated (RFC 2181 section 9).
  static func reply(_ reply: DNSReply, to message: [UInt8], overUDP: Bool) -> [UInt8]? {
    guard let packet = unsafe parse(message) else {
      return nil
    }
    defer { unsafe ldns_pkt_free(packet) }
    unsafe ldns_pkt_set_qr(packet, reply.isResponse ? 1 : 0)
    unsafe ldns_pkt_set_aa(packet, reply.isAuthoritative ? 1 : 0)
    unsafe ldns_pkt_set_ra(packet, 0)
    if reply.isAuthoritative {
      unsafe ldns_pkt_set_ad(packet, 0)
    }
    if let name = reply.questionName, unsafe !rename(questionOf: packet, to: name) {
      return nil
    }
    unsafe ldns_pkt_set_rcode(packet, UInt8(reply.code.value.rawValue))
    let limit = unsafe max(
      512, ldns_pkt_edns(packet) != 0 ? Int(ldns_pkt_edns_udp_size(packet)) : 0)
    if let whole = unsafe wire(packet, with: reply), !overUDP || whole.count <= limit {
      return whole
    }
    unsafe ldns_pkt_set_tc(packet, 1)
    return unsafe wire(packet, with: nil)
  }

  fileprivate static func parse(_ message: [UInt8]) -> UnsafeMutablePointer<ldns_pkt>? {
    var packet: UnsafeMutablePointer<ldns_pkt>?
    let status = unsafe ldns_wire2pkt(&packet, message, message.count)
    return unsafe status == LDNS_STATUS_OK ? packet : nil
  }

  private static func rename(
    questionOf packet: UnsafeMutablePointer<ldns_pkt>, to name: String
  ) -> Bool {
    guard let question = unsafe ldns_rr_list_rr(ldns_pkt_question(packet), 0),
      let owner = unsafe ldns_dname_new_frm_str(name)
    else {
      return false
    }
    unsafe ldns_rdf_deep_free(ldns_rr_owner(question))
    unsafe ldns_rr_set_owner(question, owner)
    return true
  }

  private static func wire(
    _ packet: UnsafeMutablePointer<ldns_pkt>, with reply: DNSReply?
  ) -> [UInt8]? {
    let sections: [(ldns_pkt_section, [String])] = [
      (LDNS_SECTION_ANSWER, reply?.answers ?? []),
      (LDNS_SECTION_AUTHORITY, reply?.authority ?? []),
      (LDNS_SECTION_ADDITIONAL, reply?.additional ?? []),
    ]
    for (section, records) in sections {
      guard unsafe replace(section, of: packet, by: records) else {
        return nil
      }
    }
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard unsafe ldns_pkt2wire(&bytes, packet, &count) == LDNS_STATUS_OK,
      let bytes = unsafe bytes
    else {
      return nil
    }
    defer { unsafe free(bytes) }
    return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  private static func replace(
    _ section: ldns_pkt_section, of packet: UnsafeMutablePointer<ldns_pkt>, by records: [String]
  ) -> Bool {
    guard let list = unsafe ldns_rr_list_new() else {
      return false
    }
    for text in records {
      var record: UnsafeMutablePointer<ldns_rr>?
      guard unsafe ldns_rr_new_frm_str(&record, text, 0, nil, nil) == LDNS_STATUS_OK,
        unsafe ldns_rr_list_push_rr(list, record) != 0
      else {
        unsafe ldns_rr_list_deep_free(list)
        return false
      }
    }
    let old: UnsafeMutablePointer<ldns_rr_list>?
    switch section {
    case LDNS_SECTION_ANSWER:
      unsafe old = ldns_pkt_answer(packet)
      unsafe ldns_pkt_set_answer(packet, list)
      unsafe ldns_pkt_set_ancount(packet, UInt16(records.count))
    case LDNS_SECTION_AUTHORITY:
      unsafe old = ldns_pkt_authority(packet)
      unsafe ldns_pkt_set_authority(packet, list)
      unsafe ldns_pkt_set_nscount(packet, UInt16(records.count))
    default:
      unsafe old = ldns_pkt_additional(packet)
      unsafe ldns_pkt_set_additional(packet, list)
      unsafe ldns_pkt_set_arcount(packet, UInt16(records.count))
    }
    unsafe ldns_rr_list_deep_free(old)
    return true
  }
}

extension DNSReply.Code {
  fileprivate var value: ldns_pkt_rcode {
    switch self {
    case .noError: LDNS_RCODE_NOERROR
    case .serverFailure: LDNS_RCODE_SERVFAIL
    case .nameError: LDNS_RCODE_NXDOMAIN
    case .refused: LDNS_RCODE_REFUSED
    }
  }
}
