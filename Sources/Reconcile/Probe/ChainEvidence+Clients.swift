import DNSNames
import Named
import ReconcileModel

// What clients get where a chain is broken.
extension ChainEvidence {
  /// What a client gets for a name below the alias, by the answer that shows the break; nil where it does not tell.
  func clientsGet(_ chain: Chain) -> String? {
    switch chain.links.first(where: { $0.state.isBroken })?.link {
    case .dname?:
      // Of a zone that is loaded, what it has at and above the name decides.
      guard let reply = dname, case .success(let answer) = reply, answer.rcode.isAnswer else {
        return dname.map(Self.words)
      }
      return nil
    case .forwardZone?: return fresh.map(Self.words)
    case .address?:
      let replies = [a, aaaa].compactMap(\.self)
      let failed = replies.first { reply in
        if case .success(let answer) = reply { !answer.rcode.isAnswer } else { true }
      }
      if let failed { return Self.words(failed) }
      let found = replies.flatMap { reply in
        (try? reply.get()).map { $0.rdata(of: .a) + $0.rdata(of: .aaaa) } ?? []
      }
      return replies.isEmpty ? nil : found.isEmpty ? "no address" : "another address"
    case nil: return nil
    }
  }

  private static func words(_ reply: Result<DNSAnswer, DNSError>) -> String {
    switch reply {
    case .failure: "no answer"
    case .success(let answer): answer.rcode == .noError ? "no address" : "\(answer.rcode)"
    }
  }
}
