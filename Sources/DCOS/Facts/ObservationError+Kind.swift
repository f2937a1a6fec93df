extension ObservationError.Reason {
  /// Why nothing came back that could be judged, be it to a question or to the login before it; nil if
  /// something did.
  package var obstacleOnTheWay: Self? {
    switch self {
    case .unreachable, .tls, .timedOut, .cutShort, .notHTTP, .calledOff, .notYet: self
    case .login(.failed(let reason)): reason.obstacleOnTheWay
    default: nil
    }
  }

  /// Whether the master wants to know who asks.
  package var isAboutLogin: Bool {
    switch self {
    case .login: obstacleOnTheWay == nil
    case .loginRequired: true
    default: false
    }
  }

  /// Whether nobody who is trusted vouches for the master's certificate.
  package var isAboutTrust: Bool {
    switch self {
    case .tls(.unknownAuthority), .tls(.expired), .tls(.notYetValid), .tls(.wrongHost),
      .tls(.unverifiable):
      true
    default: false
    }
  }
}
