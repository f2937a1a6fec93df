/// What Admin Router is asked for, and what a refusal of it means.
package enum Resource: Hashable, Sendable {
  case key
  case exhibitorStatus
  case mesosDNSMasters
  case login

  /// The path that every DC/OS from 1.8 to 2.2 has; the login's, every one that has a login.
  package var path: String {
    switch self {
    case .key: "/navstar/lashup/key"
    case .exhibitorStatus: "/exhibitor/exhibitor/v1/cluster/status"
    case .mesosDNSMasters: "/mesos_dns/v1/hosts/master.mesos"
    case .login: "/acs/api/v1/auth/login"
    }
  }
}
