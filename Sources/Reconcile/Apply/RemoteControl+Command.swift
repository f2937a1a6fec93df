import DNSNames
import Named
import ReconcileModel

extension RemoteControl {
  func send(_ command: NamedCommand) async throws(RemoteControlError) {
    switch command {
    case .reconfig: try await reconfig()
    case .reload(let zone, let view): try await reload(zone: zone, view: view)
    case .flushTree(let domain): try await flushTree(domain)
    }
  }
}
