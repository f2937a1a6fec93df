import DCOSSimulator
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("The long-running agent", .serialized)
struct DaemonTests {
  @Test("tells systemd, follows a replaced master, and ends when told to") func follows()
    async throws
  {
    try await withHost { host in
      let socket = try NotifySocket(at: host.named.folder.path.appending("notify"))
      let agent = try BackgroundProcess(
        try Host.program().string, arguments: ["--config", host.configuration.string, "run"],
        environment: ["NOTIFY_SOCKET": socket.path.string],
        log: host.named.folder.path.appending("agent.log"))
      try await eventually("READY=1; its log: \(agent.output)") {
        socket.receive().contains { $0.contains("READY=1") && $0.contains("STATUS=in sync") }
      }
      #expect(try await host.answer("web.marathon.cluster.contoso.com").last == "10.0.0.80")
      try await host.cluster.replaceMaster("127.0.20.13", by: "127.0.20.14")
      // A pass may just be asking the old master, and wait for it to the end of its patience.
      try await eventually("the agent follows; its log: \(agent.output)", within: .seconds(60)) {
        try host.text("named.conf.local").contains("127.0.20.14")
      }
      #expect(try await agent.stop() == 0, "\(agent.output)")
      #expect(socket.receive().contains { $0.contains("STOPPING=1") })
    }
  }
}

/// The socket on which systemd would listen (sd_notify(3)).
private final class NotifySocket {
  let path: FilePath
  private let descriptor: CInt

  init(at path: FilePath) throws {
    self.path = path
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = path.string.utf8CString
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      for (index, byte) in bytes.enumerated() { unsafe buffer[index] = UInt8(bitPattern: byte) }
    }
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw SystemCallFailure("bind \(path)") }
  }

  deinit { close(descriptor) }

  /// The messages that have come since the last look.
  func receive() -> [String] {
    var messages: [String] = []
    while true {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
      }
      guard count > 0 else { return messages }
      messages.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }
}
