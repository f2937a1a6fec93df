import DNSNames
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// A serial that was published once is never published with something else.
@Suite("Serials that were published", .timeLimit(.minutes(5)))
struct PlanSerialTests {
  @Test(
    "the file has 7 → the next serial is above the file's, named's and what was published, after the policy",
    arguments: [
      (.increment, nil, nil, 8), (.increment, 41, nil, 42), (.increment, nil, 41, 42),
      (.increment, 50, 41, 51), (.increment, 6, nil, 8), (.date, nil, nil, 2_001_090_900),
      (.date, 2_001_090_900, nil, 2_001_090_901), (.date, 2_001_090_950, nil, 2_001_090_951),
      (.unixtime, nil, nil, 1_000_000_000), (.unixtime, 1_000_000_000, nil, 1_000_000_001),
      (.unixtime, 999_999_999, nil, 1_000_000_000),
      // In the arithmetic of serials 7 is newer than 4294967290.
      (.increment, 4_294_967_290, nil, 8),
    ] as [(SerialPolicy, UInt32?, UInt32?, UInt32)])
  func next(policy: SerialPolicy, published: UInt32?, loaded: UInt32?, next: UInt32) async throws {
    try await withPlanning { planning in
      let zone = try DomainName("contoso.com")
      planning.desired.zones[zone] = ZoneSettings(serial: policy)
      planning.serials[ZoneInView(name: zone)] = published.map { SerialNumber($0) }
      if let loaded { planning.status["contoso.com"] = Planning.status(serial: loaded) }
      planning.now = 1_000_000_000
      let plan = try await planning.plan()
      #expect(plan.text("db")?.contains(" \(next) 1 1 1 1") == true, "\(plan.text("db") ?? "")")
      #expect(plan.servedAfterwards.contains(.serial(zone: zone, view: nil, SerialNumber(next))))
    }
  }

  @Test(
    "a journal of named's ends with a higher serial than the file has → the next one is above it")
  func journal() async throws {
    func header(_ serial: UInt8, magic: String = ";BIND LOG V9.2\n") -> [UInt8] {
      let text = Array(magic.utf8)
      return text + [UInt8](repeating: 0, count: 16 - text.count) + [0, 0, 0, 7, 0, 0, 0, 64]
        + [0, 0, 0, serial, 0, 0, 1, 0]
    }
    for (name, bytes, next) in [
      ("db.jnl", header(60), 61), ("db.signed.jnl", header(70), 71), ("db.jnl", header(5), 8),
      ("db.jnl", header(60, magic: ";other"), 8), ("db.jnl", Array(header(60).prefix(27)), 8),
      ("other.jnl", header(60), 8),
    ] {
      try await withPlanning { planning in
        try planning.folder.write(name, bytes)
        #expect(
          try await planning.plan().text("db")?.contains(" \(next) 1 1 1 1") == true, "\(name)")
      }
    }
  }

  /// It is named's user who may put something else in its place.
  @Test("what is called a journal and is a FIFO, or a link of somebody else's → is not even opened")
  func noJournal() async throws {
    let header =
      Array(";BIND LOG V9.2\n\0".utf8) + [0, 0, 0, 7, 0, 0, 0, 64, 0, 0, 0, 60, 0, 0, 1, 0]
    try await withPlanning { planning in
      let path = planning.folder.path
      try #require(unsafe mkfifo(path.appending("db.jnl").string, 0o666) == 0)
      // Whoever opens it for reading lets this go on.
      let writer = unsafe open(path.appending("db.jnl").string, O_RDWR | O_NONBLOCK)
      defer { close(writer) }
      var waiting = header
      try #require(unsafe write(writer, &waiting, waiting.count) == waiting.count)
      try planning.folder.write("own", header)
      try makeLink(path.appending("db.signed.jnl"), to: "own")
      if geteuid() == 0 {
        try #require(unsafe lchown(path.appending("db.signed.jnl").string, 4711, 4711) == 0)
      } else {
        try removeFile(path.appending("db.signed.jnl"))
      }
      #expect(try await planning.plan().text("db")?.contains(" 8 1 1 1 1") == true)
      var left = [UInt8](repeating: 0, count: 64)
      #expect(unsafe read(writer, &left, left.count) == header.count)
    }
  }

  @Test("what was published in one view → counts there alone; a rollback goes above it too")
  func views() async throws {
    let files = [
      "named.conf": Planning.options + """
        view "a" { zone "contoso.com" { type primary; file "FOLDER/a"; }; };
        view "b" { zone "contoso.com" { type primary; file "FOLDER/b"; }; };

        """, "a": Planning.zone, "b": Planning.zone,
    ]
    try await withPlanning(files) { planning in
      planning.serials[ZoneInView(name: try DomainName("contoso.com"), view: "b")] = SerialNumber(
        70)
      let entry = try await planning.change()
      #expect(try planning.text("a").contains(" 8 ") && planning.text("b").contains(" 71 "))
      planning.serials[ZoneInView(name: try DomainName("contoso.com"), view: "b")] = SerialNumber(
        80)
      let back = try await planning.rollback(entry)
      #expect(back.text("a")?.contains(" 9 ") == true && back.text("b")?.contains(" 81 ") == true)
    }
  }
}
