import CLDNS
import DNSNames
import Glibc

/// A DNS message in memory that ldns manages.
@safe struct DNSMessage: ~Copyable {
  private let packet: UnsafeMutablePointer<ldns_pkt>

  deinit {
    unsafe ldns_pkt_free(packet)
  }

  /// A question; nil if ldns cannot make one.
  init?(
    asking name: DomainName, _ type: RecordType, recursionDesired: Bool,
    checkingDisabled: Bool = false
  ) {
    let wire = name.wire
    guard
      let owner = unsafe wire.withUnsafeBytes({ bytes in
        unsafe ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, bytes.count, bytes.baseAddress)
      })
    else { return nil }
    let flags = (recursionDesired ? UInt16(LDNS_RD) : 0) | (checkingDisabled ? UInt16(LDNS_CD) : 0)
    // The message owns the name from here on.
    guard
      let packet = unsafe ldns_pkt_query_new(
        owner, ldns_get_rr_type_by_name(type.rawValue), LDNS_RR_CLASS_IN, flags)
    else {
      unsafe ldns_rdf_deep_free(owner)
      return nil
    }
    // Unpredictable, so that nobody who does not see the question can answer it (RFC 5452).
    unsafe ldns_pkt_set_id(packet, UInt16.random(in: .min ... .max))
    unsafe self.packet = packet
  }

  /// Reads a message off the wire.
  init(parsing bytes: [UInt8]) throws(DNSMessageError) {
    var packet: UnsafeMutablePointer<ldns_pkt>?
    let status = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe ldns_wire2pkt(&packet, buffer.baseAddress, buffer.count)
    }
    guard status == LDNS_STATUS_OK, let packet = unsafe packet else {
      let words = unsafe ldns_get_errorstr_by_id(status)
      throw DNSMessageError(reason: unsafe words.map { unsafe String(cString: $0) } ?? "\(status)")
    }
    unsafe self.packet = packet
  }

  /// The message as it goes onto the wire.
  var wire: [UInt8]? {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = unsafe ldns_pkt2wire(&bytes, packet, &count)
    defer { unsafe free(bytes) }
    guard status == LDNS_STATUS_OK, let bytes = unsafe bytes else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  var isTruncated: Bool { unsafe ldns_pkt_tc(packet) != 0 }

  /// Whether this is the response to that question: it bears its ID and repeats it.
  ///
  /// That much RFC 5452 section 9.1 asks for. A server which could not even read the question need
  /// not repeat it.
  func answers(_ query: borrowing DNSMessage) -> Bool {
    guard unsafe ldns_pkt_qr(packet) != 0, unsafe ldns_pkt_id(packet) == ldns_pkt_id(query.packet)
    else {
      return false
    }
    let asked = unsafe ldns_pkt_question(query.packet)
    let repeated = unsafe ldns_pkt_question(packet)
    if unsafe ldns_rr_list_rr_count(repeated) == 0 {
      return unsafe ldns_pkt_get_rcode(packet) != LDNS_RCODE_NOERROR
    }
    guard unsafe ldns_rr_list_rr_count(repeated) == 1,
      let question = unsafe ldns_rr_list_rr(asked, 0),
      let answered = unsafe ldns_rr_list_rr(repeated, 0)
    else { return false }
    return unsafe ldns_rr_get_type(question) == ldns_rr_get_type(answered)
      && ldns_rr_get_class(question) == ldns_rr_get_class(answered)
      && ldns_dname_compare(ldns_rr_owner(question), ldns_rr_owner(answered)) == 0
  }

  func answer(over transport: DNSTransport) -> DNSAnswer {
    unsafe DNSAnswer(
      rcode: ResponseCode(rawValue: UInt8(truncatingIfNeeded: ldns_pkt_get_rcode(packet).rawValue)),
      isAuthoritative: ldns_pkt_aa(packet) != 0,
      isRecursionAvailable: ldns_pkt_ra(packet) != 0,
      isTruncated: ldns_pkt_tc(packet) != 0,
      answers: Self.records(of: ldns_pkt_answer(packet)),
      authority: Self.records(of: ldns_pkt_authority(packet)),
      transport: transport,
      additional: Self.records(of: ldns_pkt_additional(packet)))
  }

  private static func records(of list: UnsafeMutablePointer<ldns_rr_list>?) -> [ResourceRecord] {
    unsafe (0..<ldns_rr_list_rr_count(list)).compactMap { index in
      guard let record = unsafe ldns_rr_list_rr(list, index),
        let owner = unsafe name(ldns_rr_owner(record))
      else { return nil }
      return ResourceRecord(
        owner: owner,
        ttl: unsafe ldns_rr_ttl(record),
        type: unsafe RecordType(rawValue: text(ldns_rr_type2str(ldns_rr_get_type(record)))),
        fields: unsafe (0..<ldns_rr_rd_count(record)).map { field in
          unsafe text(ldns_rdf2str(ldns_rr_rdf(record, field)))
        })
    }
  }

  /// A name as ldns has it: whole, whatever compression it had in the message.
  private static func name(_ field: UnsafeMutablePointer<ldns_rdf>?) -> DomainName? {
    guard let field = unsafe field, let data = unsafe ldns_rdf_data(field) else { return nil }
    return unsafe DomainName(
      wire: UnsafeRawBufferPointer(start: data, count: ldns_rdf_size(field)))
  }

  /// Takes a string over from ldns, and frees it.
  private static func text(_ string: UnsafeMutablePointer<CChar>?) -> String {
    guard let string = unsafe string else { return "" }
    defer { unsafe free(string) }
    return unsafe String(cString: string)
  }
}

/// Bytes that are no DNS message, in ldns's words.
struct DNSMessageError: Error {
  let reason: String
}
