import DCOSSimulator
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import DCOS

/// A resolver whose answers for some names a test holds back.
private final class HeldResolver: Sendable {
  private let state = Mutex<(asked: [String], isHeld: Bool)>(([], true))

  var asked: [String] { state.withLock(\.asked) }

  func release() { state.withLock { $0.isHeld = false } }

  /// Blocks its thread, as getaddrinfo(3) does; names that begin with `slow` are held back.
  @Sendable func look(_ host: String) -> Result<[SocketAddress], any Error> {
    state.withLock { $0.asked.append(host) }
    while host.hasPrefix("slow"), state.withLock(\.isHeld) { usleep(5_000) }
    if host == "nowhere" { return .failure(Missing()) }
    return Result { [try SocketAddress(ipAddress: "127.0.0.1", port: 0)] }
  }

  struct Missing: Error {}
}

@Suite("Names of masters", .timeLimit(.minutes(2)))
struct NameLookupsTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.any()

  @Test("a name that hangs, asked for again and again → looked up once, and all get its answer")
  func once() async throws {
    let resolver = HeldResolver()
    let names = NameLookups(resolver.look)
    let answers = (0..<100).map { _ in names.addresses(of: "slow", on: loop) }
    #expect(names.isLooking(for: "slow"))
    try await eventually("it is looked up") { resolver.asked == ["slow"] }
    resolver.release()
    for answer in answers {
      #expect(try await answer.get().map(\.ipAddress) == ["127.0.0.1"])
    }
    #expect(resolver.asked == ["slow"])
    #expect(!names.isLooking(for: "slow"))
    // Addresses change: it is looked up anew for the next connection.
    _ = try await names.addresses(of: "slow", on: loop).get()
    #expect(resolver.asked == ["slow", "slow"])
  }

  @Test("fifty names that hang → another one, on the same event loop, has its answer at once")
  func beside() async throws {
    let resolver = HeldResolver()
    let names = NameLookups(resolver.look)
    let slow = (0..<50).map { names.addresses(of: "slow\($0)", on: loop) }
    #expect(try await names.addresses(of: "quick", on: loop).get().count == 1)
    resolver.release()
    for answer in slow { _ = try await answer.get() }
  }

  @Test("a name without an address → all that wait for it are told so")
  func missing() async throws {
    let names = NameLookups(HeldResolver().look)
    for answer in (0..<3).map({ _ in names.addresses(of: "nowhere", on: loop) }) {
      await #expect(throws: HeldResolver.Missing.self) { _ = try await answer.get() }
    }
    #expect(!names.isLooking(for: "nowhere"))
  }

  @Test("this host's own resolver → localhost is found, and a name that cannot exist is not")
  func real() async throws {
    let names = NameLookups()
    let found = try await names.addresses(of: "localhost", on: loop).get().map(\.ipAddress)
    #expect(found.contains("127.0.0.1") || found.contains("::1"))
    await #expect(throws: (any Error).self) {
      _ = try await names.addresses(of: "master.invalid", on: loop).get()
    }
  }

  @Test("a master's name hangs → the report says so, and the other masters have answered")
  func observed() async throws {
    try await withCluster(.init(masters: ["127.0.0.1"])) { cluster in
      let port = await cluster.httpPort
      let resolver = HeldResolver()
      let observer = try ClusterObserver(
        masters: try ["slow.example", "quick.example"].map {
          try MasterEndpoint("http://\($0):\(port)")
        }, trust: .system, limits: .generous(connect: .milliseconds(300)),
        names: NameLookups(resolver.look))
      for _ in 1...3 {
        let reports = await observer.observe().reports
        #expect(reports[0].idReason == .unreachable(.nameUnresolved("slow.example")))
        #expect(reports[0].id.failureText?.contains("resolv.conf") == true)
        #expect(reports[1].idReason == nil)
      }
      #expect(resolver.asked.count { $0 == "slow.example" } == 1)
      resolver.release()
      try await eventually("it is looked up at last") {
        await observer.observe().reports[0].idReason == nil
      }
      try await observer.shutdown()
    }
  }
}
