import Glibc
import Systemd
import TestSupport
import Testing

/// NOTIFY_SOCKET belongs to a process as a whole, so each test has one of its own.
@Suite struct ServiceManagerTests {
  @Test func theManagerHearsOfEachState() async {
    await #expect(processExitsWith: .success) {
      let manager = try NotifySocket()
      defer { manager.close() }
      ServiceManager.current.ready(status: "in sync")
      #expect(manager.receive() == "READY=1\nSTATUS=in sync")
      ServiceManager.current.ready()
      #expect(manager.receive() == "READY=1")
      ServiceManager.current.status("2 clusters, 3 aliases")
      #expect(manager.receive() == "STATUS=2 clusters, 3 aliases")
      ServiceManager.current.stopping()
      #expect(manager.receive() == "STOPPING=1")
    }
  }

  /// What a text says must not become a command to systemd.
  @Test func aStatusIsOneLine() async {
    await #expect(processExitsWith: .success) {
      let manager = try NotifySocket()
      defer { manager.close() }
      ServiceManager.current.status("named said:\nMAINPID=1\r\nSTOPPING=1")
      #expect(manager.receive() == "STATUS=named said: MAINPID=1 STOPPING=1")
    }
  }

  @Test func withoutAManagerNothingHappens() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("NOTIFY_SOCKET")
      ServiceManager.current.ready(status: "in sync")
      ServiceManager.current.stopping()
      #expect(unsafe setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1) == 0)
      ServiceManager.current.ready(status: "in sync")
      ServiceManager.current.stopping()
    }
  }
}

/// The receiving end, as systemd has it.
private struct NotifySocket {
  private let descriptor: CInt
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let path = "\(folder.path)/notify"
    descriptor = socket(
      AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { throw SystemCallFailure("bind to \(path)") }
    guard unsafe setenv("NOTIFY_SOCKET", path, 1) == 0 else { throw SystemCallFailure("setenv") }
  }

  /// The next message; a Unix datagram is there as soon as it was sent.
  func receive() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }

  func close() {
    Glibc.close(descriptor)
  }
}
