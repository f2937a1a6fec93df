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
    /// Whoever asked went away before there was an answer.
    case calledOff
    /// The others agreed, and it was not waited for any longer; it may answer yet.
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
      .longList, .emptyHost, .notAnAddress:
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
        "it had not answered when the others agreed, and was not waited for any longer",
        "it is slow; what it says counts from the next pass on"
      )
    default: ("called off before there was an answer", nil)
    }
  }

  private var wordsOfStatus: (String, String?) {
    switch self {
    case .loginRequired(let scheme):
      (
        "401, a login is required\(scheme.map { " (\($0))" } ?? "")",
        """
        the cluster does not let anybody ask without a token; give a service-account, \
        uid and password-file, or a token-file
        """
      )
    case .forbidden(let resource):
      (
        "403, forbidden",
        "the account in use may not read \(resource.path); grant it that in DC/OS"
      )
    case .keyNotYetThere:
      (
        "404, this master does not know the cluster's key yet, as for a minute after its start",
        "another master may; if it stays so, look at dcos-net on this master"
      )
    case .noSuchPath:
      (
        "404, no such path",
        """
        it is a master's Admin Router that has to be asked, not an agent, and not some other web \
        server
        """
      )
    case .backEndDown(let status):
      (
        "\(status), the service behind Admin Router is down or starting",
        "look at it on this master (dcos-net for the key, Exhibitor or mesos-dns for the masters)"
      )
    case .redirected(let status, let location):
      (
        """
        \(status), redirected\(location.map { " to \(Printable($0))" } ?? ""), which is never \
        followed
        """,
        """
        write the masters as they are to be asked, with https:// where the cluster wants it
        """
      )
    case .unexpectedStatus(400):
      (
        "400, which nginx says where HTTPS is wanted", "write https:// if this master speaks it"
      )
    case .unexpectedStatus(let status):
      (
        "status \(status), which no DC/OS master gives here", "check what answers at this address"
      )
    default: ("", nil)
    }
  }

  private var wordsOfContents: (String, String?) {
    switch self {
    case .tooLarge(let limit):
      (
        "the answer is larger than \(limit) bytes", "this is not what a DC/OS master says"
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
      ("the JSON ends in the middle", "the answer was cut off on its way")
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
        "a list of \(count) masters; one of more than \(MemberList.limit) is not believed",
        """
        no DC/OS cluster has so many; check what answers at this address, and whether somebody else has \
        got hold of this master
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
        "the masters have to be listed by address, for the forwarders of a zone cannot be names"
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
      give the cluster's CA certificate (DC/OS Enterprise has it at /ca/dcos-ca.crt) as \
      ca-certificate
      """
    case .expired:
      """
      renew it on the master, or pin the one it has as certificate-sha256; is the clock here right?
      """
    case .notYetValid: "is the clock here, and was it on the master, right?"
    case .wrongHost:
      """
      name the master as its certificate does, have one made that lists this name or address, or pin \
      this one as certificate-sha256
      """
    case .foreignCertificate:
      """
      if it was renewed, compare this on the master and write it there; else somebody is between here \
      and the master
      """
    case .unverifiable: "it has to lead up to the CA certificate given, and to be valid today"
    case .notTLS: "check the port, or write http://"
    case .other: "it has to speak TLS 1.2 or later, and a proxy before it may be in the way"
    }
  }

  package var description: String {
    let link = if case .other = self { "; " } else { ": " }
    return cause + (remedy.map { link + $0 } ?? "")
  }
}
