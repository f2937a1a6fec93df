package import DNSNames

extension ObservationError {
  package enum Reason: Error, Hashable, Sendable {
    case unreachable(ConnectionError)
    case tls(TLSError)
    /// No whole answer within this time.
    case timedOut(after: Duration)
    /// The connection was closed in the middle of the answer.
    case cutShort
    case notHTTP
    /// The caller cancelled the question before there was an answer.
    case calledOff
    /// The others agreed, and nobody waited for it any longer; it may still answer.
    case notYet

    case loginRequired(scheme: String?)
    case forbidden(Resource)
    /// There is no token to ask with.
    case login(LoginError)
    /// A master that has not learnt the cluster's key yet; another one may have.
    case keyNotYetThere
    case noSuchPath
    case backEndDown(status: Int)
    case redirected(status: Int, location: String?)
    case unexpectedStatus(Int)

    case tooLarge(limit: Int)
    case htmlPage
    case truncatedJSON
    case notJSON
    case unexpectedJSON(expected: String)

    case notAnID(ClusterIDError)
    case emptyList
    /// So many members, of which a list may have ``MemberList/limit``.
    case longList(count: Int)
    /// What mesos-dns says of a name it does not know.
    case emptyHost
    case notAnAddress(IPAddressError)
    /// A member whose address does not lead to it from here.
    case unreachableMember(IPAddress)
  }
}

/// Why no connection to a master came about.
package enum ConnectionError: Hashable, Sendable {
  case nameNotFound(String)
  /// This host's resolver has not come to a result in time.
  case nameUnresolved(String)
  case refused
  case noRoute(String)
  case timedOut
  case other(String)
}

/// Why no TLS session with a master came about.
package enum TLSError: Hashable, Sendable {
  case unknownAuthority
  case expired(since: String)
  case notYetValid(until: String)
  case wrongHost
  /// It is another than the pinned one; its SHA-256.
  case foreignCertificate(CertificateFingerprint)
  /// It does not verify, and a second look did not tell why.
  case unverifiable
  case notTLS
  case other(String)
}

extension ObservationError.Reason: CustomStringConvertible {
  private static func words(for reach: AddressReach) -> String {
    switch reach {
    case .loopback: "a loopback address, which leads to this host here, and to no master"
    case .link: "a link-local address, which leads nowhere from here"
    case .reserved: "a reserved address, which leads nowhere from here"
    case .none: "which is no host's address"
    case .routed: "which leads nowhere from here"
    }
  }

  /// What is wrong.
  package var cause: String { words.cause }
  /// What helps; nil where nothing is known to.
  package var remedy: String? { words.remedy }

  package var description: String { cause + (remedy.map { ": \($0)" } ?? "") }

  private var words: (cause: String, remedy: String?) {
    switch self {
    case .unreachable(let error): (error.cause, error.remedy)
    case .tls(let error): (error.cause, error.remedy)
    case .login(let error): (error.cause, error.remedy)
    case .timedOut, .cutShort, .notHTTP, .calledOff, .notYet: wordsOfTransport
    case .loginRequired, .forbidden, .keyNotYetThere, .noSuchPath, .backEndDown, .redirected,
      .unexpectedStatus:
      wordsOfStatus
    case .tooLarge, .htmlPage, .truncatedJSON, .notJSON, .unexpectedJSON, .notAnID, .emptyList,
      .longList, .emptyHost, .notAnAddress, .unreachableMember:
      wordsOfContents
    }
  }

  private var wordsOfTransport: (String, String?) {
    switch self {
    case .timedOut(let limit):
      (
        "no whole answer within \(limit)",
        "the master is overloaded, or something between drops packets"
      )
    case .cutShort:
      (
        "the connection was closed before the answer was whole",
        "the master's Admin Router, or a proxy before it, was restarted or is failing"
      )
    case .notHTTP:
      ("what answers there does not speak HTTP", "check scheme and port of this master")
    case .notYet:
      (
        "it had not answered when the others agreed, and the pass did not wait for it",
        "it is slow; what it says counts from the next pass on"
      )
    default: ("cancelled before it answered", nil)
    }
  }

  private var wordsOfStatus: (String, String?) {
    switch self {
    case .loginRequired(let scheme):
      (
        "401, a login is required\(scheme.map { " (\($0))" } ?? "")",
        """
        the cluster requires a token; give it a service-account, uid and password-file, or a token-file
        """
      )
    case .forbidden(let resource):
      (
        "403, forbidden",
        "the account in use may not read \(resource.path); grant it access in DC/OS"
      )
    case .keyNotYetThere:
      (
        "404, this master does not know the cluster's key yet, as for a minute after its start",
        "another master may know it; if this lasts, check dcos-net on this master"
      )
    case .noSuchPath:
      (
        "404, no such path",
        """
        ask a master's Admin Router, not an agent or another web server
        """
      )
    case .backEndDown(let status):
      (
        "\(status), the service behind Admin Router is down or starting",
        "check it on this master (dcos-net for the key, Exhibitor or mesos-dns for the masters)"
      )
    case .redirected(let status, let location):
      (
        """
        \(status), redirected\(location.map { " to \(Printable($0))" } ?? ""); zonebridge follows no redirects
        """,
        """
        write the masters' own addresses, with https:// if the cluster requires it
        """
      )
    case .unexpectedStatus(400):
      (
        "400, which nginx sends to plain HTTP on an HTTPS port",
        "write https:// if this master speaks it"
      )
    case .unexpectedStatus(let status):
      (
        "status \(status), which no DC/OS master sends here", "check what answers at this address"
      )
    default: ("", nil)
    }
  }

  private var wordsOfContents: (String, String?) {
    switch self {
    case .tooLarge(let limit):
      (
        "the answer is larger than \(limit) bytes",
        "no DC/OS master sends so much; check what answers at this address"
      )
    case .htmlPage:
      (
        """
        an HTML page instead of JSON
        """,
        """
        a proxy, a login page or another web server answers here; check address and port of this \
        master
        """
      )
    case .truncatedJSON:
      ("the JSON ends in the middle", "the answer was cut off in transit")
    case .notJSON:
      ("the answer is not JSON", "check what answers at this address")
    case .unexpectedJSON(let expected):
      ("JSON, but without \(expected)", "check what answers at this address")
    case .notAnID(let error):
      ("the key there is not a cluster ID: \(error)", nil)
    case .emptyList:
      (
        "an empty list of masters",
        """
        the ensemble is still forming, as after an install or while a master is replaced; ask again \
        later
        """
      )
    case .longList(let count):
      (
        "a list of \(count) masters; zonebridge believes no list of more than \(MemberList.limit)",
        """
        no DC/OS cluster has so many; check what answers at this address, and whether this master is compromised
        """
      )
    case .emptyHost:
      (
        "mesos-dns does not know master.mesos (an empty host and address)",
        "it is still starting; ask again later"
      )
    case .notAnAddress(let error):
      (
        "\(error)",
        "the masters have to be listed by address, because a forwarder cannot be a name"
      )
    case .unreachableMember(let address):
      (
        "a list of masters with \(address), \(Self.words(for: address.reach))",
        """
        see which address ip-detect prints on the masters; if it is another, check what answers at this address, and whether this \
        master is compromised
        """
      )
    default: ("", nil)
    }
  }
}

extension ConnectionError: CustomStringConvertible {
  /// What is wrong.
  package var cause: String {
    switch self {
    case .nameNotFound(let host): "the name \(host) does not resolve"
    case .nameUnresolved(let host): "the name \(host) was not resolved in time"
    case .refused: "connection refused"
    case .noRoute(let detail): "no route to host (\(detail))"
    case .timedOut: "no connection in time"
    case .other(let detail): "no connection: \(detail)"
    }
  }

  /// What helps; nil where nothing is known to.
  package var remedy: String? {
    switch self {
    case .nameNotFound: "correct it, or name the master by its address"
    case .nameUnresolved:
      "check the name servers in this host's resolv.conf, or name the master by its address"
    case .refused: "nothing listens there; is the master up, and is the port right?"
    case .noRoute: "check routes and firewalls between here and the master"
    case .timedOut: "the master is down or overloaded, or a firewall drops the packets"
    case .other: nil
    }
  }

  package var description: String { cause + (remedy.map { ": \($0)" } ?? "") }
}

extension TLSError: CustomStringConvertible {
  /// What is wrong.
  package var cause: String {
    switch self {
    case .unknownAuthority: "its certificate was not signed by an authority trusted here"
    case .expired(let date): "its certificate expired at \(date)"
    case .notYetValid(let date): "its certificate is not valid before \(date)"
    case .wrongHost: "its certificate is not for this host"
    case .foreignCertificate(let seen):
      """
      its certificate is not the one that certificate-sha256 names, but has the SHA-256 \
      \(seen)
      """
    case .unverifiable: "its certificate cannot be verified"
    case .notTLS: "what answers there does not speak TLS"
    case .other(let detail): "no TLS session: \(detail)"
    }
  }

  /// What helps.
  package var remedy: String? {
    switch self {
    case .unknownAuthority:
      """
      set ca-certificate to the cluster's CA certificate (DC/OS Enterprise serves it at /ca/dcos-ca.crt)
      """
    case .expired:
      """
      renew it on the master, or pin it with certificate-sha256; check the clock of this host
      """
    case .notYetValid: "check the clocks of this host and of the master"
    case .wrongHost:
      """
      write the master by a name in its certificate, replace the certificate with one that lists this name or address, \
      or pin it with certificate-sha256
      """
    case .foreignCertificate:
      """
      if it was renewed, compare this fingerprint on the master, then write it there; otherwise another host answers \
      in place of the master
      """
    case .unverifiable: "it has to be valid now, and signed by the configured CA certificate"
    case .notTLS: "check the port, or write http://"
    case .other: "the master has to speak TLS 1.2 or later; check for a proxy in between"
    }
  }

  package var description: String {
    let link = if case .other = self { "; " } else { ": " }
    return cause + (remedy.map { link + $0 } ?? "")
  }
}
