import DNSNames
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RemoteControlTests {
  @Test func namedTellsWhatItIsAndWhatItHasLoaded() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let control = named.remoteControl()
      let status = try await control.status()
      #expect(status.isUp)
      #expect(status.version?.hasPrefix("BIND 9.") == true)
      #expect(status.configurationFile == named.namedConf.string)
      #expect(try #require(status.lastConfigured) >= #require(status.booted))

      let plain = try await control.zoneStatus(zone: DomainName("plain.test"))
      #expect(plain.type == "primary")
      #expect(plain.files == ["db.plain", "more.plain"])
      #expect(plain.serial == 4_294_967_295)
      #expect(plain.signedSerial == nil)
      #expect(!plain.isDynamic)

      let dynamic = try await control.zoneStatus(zone: DomainName("dynamic.test"))
      #expect(dynamic.isDynamic)
      #expect(!dynamic.isFrozen)
      try await named.rndc("freeze", "dynamic.test")
      #expect(try await control.zoneStatus(zone: DomainName("dynamic.test")).isFrozen)

      let signed = try await control.zoneStatus(zone: DomainName("signed.test"))
      #expect(signed.serial == 7)
      #expect(try #require(signed.signedSerial).rawValue >= 7)
      #expect(signed.servedSerial == signed.signedSerial)
    }
  }

  @Test func aZoneThatIsNotThereIsToldFromOneThatDidNotLoad() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let control = named.remoteControl()
      for zone in try ["nowhere.test", "forward.test"].map({ try DomainName($0) }) {
        await #expect(throws: RemoteControlError.noSuchZone(zone)) {
          try await control.zoneStatus(zone: zone)
        }
        await #expect(throws: RemoteControlError.noSuchZone(zone)) {
          try await control.reload(zone: zone)
        }
      }
      await #expect(throws: try RemoteControlError.zoneNotLoaded(DomainName("broken.test"))) {
        try await control.zoneStatus(zone: DomainName("broken.test"))
      }
      await #expect(throws: RemoteControlError.noSuchView("internal")) {
        try await control.zoneStatus(zone: DomainName("plain.test"), view: "internal")
      }
    }
  }

  @Test func viewsAreToldApart() async throws {
    var setup = NamedSetup(files: [
      "db.inside": ReferenceZones.zoneFile("split.test", serial: 1),
      "db.outside": ReferenceZones.zoneFile("split.test", serial: 2),
    ])
    setup.local = """
      view "inside" {
      \tmatch-clients { 127.0.0.1; };
      \tzone "split.test" { type primary; file "db.inside"; };
      };
      view "outside" { zone "split.test" { type primary; file "db.outside"; }; };

      """
    try await withNamed(setup) { named in
      let control = named.remoteControl()
      #expect(
        try await control.zoneStatus(zone: DomainName("split.test"), view: "inside").serial == 1)
      #expect(
        try await control.zoneStatus(zone: DomainName("split.test"), view: "outside").serial == 2)
      try named.write("db.outside", ReferenceZones.zoneFile("split.test", serial: 3))
      try await control.reload(zone: DomainName("split.test"), view: "outside")
      try await eventually("the outer zone is loaded anew") {
        try await control.zoneStatus(zone: DomainName("split.test"), view: "outside").serial == 3
      }
      #expect(
        try await control.zoneStatus(zone: DomainName("split.test"), view: "inside").serial == 1)
      try await control.flushTree(DomainName("split.test"), view: "inside")
      await #expect(throws: RemoteControlError.self) {
        try await control.zoneStatus(zone: DomainName("split.test"))
      }
    }
  }

  @Test func aReloadTakesAChangedFileAndLeavesAnUnchangedOne() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let control = named.remoteControl()
      let before = try await control.zoneStatus(zone: DomainName("closed.test"))
      #expect(try await control.reload(zone: DomainName("closed.test")).contains("up-to-date"))
      #expect(try await control.zoneStatus(zone: DomainName("closed.test")) == before)

      try named.write("db.closed", ReferenceZones.zoneFile("closed.test", serial: 2))
      try await control.reload(zone: DomainName("closed.test"))
      try await eventually("the new serial is loaded") {
        try await control.zoneStatus(zone: DomainName("closed.test")).serial == 2
      }
    }
  }

  @Test func aDynamicZoneIsNotReloaded() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let error = await #expect(throws: RemoteControlError.self) {
        try await named.remoteControl().reload(zone: DomainName("dynamic.test"))
      }
      #expect(error == .failed(command: "reload dynamic.test IN", words: "dynamic zone"))
    }
  }

  @Test func aBrokenConfigurationIsRefusedInNamedsWords() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let control = named.remoteControl()
      try named.write("named.conf.local", ReferenceZones.setup.local + "zone \"new.test\" {\n")
      let error = await #expect(throws: RemoteControlError.self) { try await control.reconfig() }
      #expect(error == .failed(command: "reconfig", words: "unexpected token"))
      // What it had, it has still.
      #expect(try await control.zoneStatus(zone: DomainName("plain.test")).type == "primary")

      try named.write(
        "named.conf.local",
        ReferenceZones.setup.local + "zone \"new.test\" { type primary; file \"db.new\"; };\n")
      try named.write("db.new", ReferenceZones.zoneFile("new.test", serial: 5))
      try await control.reconfig()
      #expect(try await control.zoneStatus(zone: DomainName("new.test")).serial == 5)
    }
  }

  @Test func aDroppedCacheIsAskedForAnew() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      try await named.remoteControl().flushTree(DomainName("forward.test"))
      let error = await #expect(throws: RemoteControlError.self) {
        try await named.remoteControl().flushTree(DomainName("forward.test"), view: "nowhere")
      }
      #expect("\(try #require(error))".contains("flushtree"))
    }
  }

  @Test func nothingListens() async throws {
    try await withNamed { named in
      let error = await #expect(throws: RemoteControlError.self) {
        try await named.remoteControl(port: try freePort()).status()
      }
      guard case .connectionRefused(let words) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(words.contains("connection refused"))

      try await named.stop()
      let stopped = await #expect(throws: RemoteControlError.self) {
        try await named.remoteControl().reconfig()
      }
      #expect("\(try #require(stopped))".contains("named is not running"))
    }
  }

  /// The wrong secret under the right name, and a name that named does not know.
  @Test(arguments: ["zonebridge-test", "rndc-key"])
  func anotherKeyIsRefused(name: String) async throws {
    try await withNamed { named in
      let key = try named.write(
        "other.key",
        """
        key "\(name)" { algorithm hmac-sha256; secret "YW5vdGhlciBzZWNyZXQsIGFuZCB3cm9uZw=="; };
        """)
      let error = await #expect(throws: RemoteControlError.self) {
        try await named.remoteControl(key: key).status()
      }
      guard case .notAuthorized = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func aKeyFileThatIsMissingOrBrokenIsNoFaultOfNamed() async throws {
    try await withNamed { named in
      let broken = try named.write("broken.key", "key {{{")
      for key in [named.folder.path.appending("missing.key"), broken] {
        let error = await #expect(throws: RemoteControlError.self) {
          try await named.remoteControl(key: key).status()
        }
        guard case .unusableSettings(let words) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(words.contains(key.string))
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aListenerThatNeverAnswersIsGivenUp() async throws {
    let listener = try SilentListener()
    let key = try TemporaryFolder()
    let file = try key.write(
      "key", "key \"k\" { algorithm hmac-sha256; secret \"em9uZWJyaWRnZQ==\"; };\n")
    let control = RemoteControl(
      tool: locate("rndc"),
      settings: RemoteControlSettings(server: "127.0.0.1", port: listener.port, keyFile: file),
      timeout: .milliseconds(300))
    await #expect(
      throws: RemoteControlError.timedOut(command: "status", after: .milliseconds(300))
    ) {
      try await control.status()
    }
    await #expect(
      throws: RemoteControlError.timedOut(command: "reconfig", after: .milliseconds(540))
    ) {
      try await control.reconfig()
    }
  }

  @Test func aProgramThatIsNotThereIsNamed() async throws {
    let control = RemoteControl(tool: "/nonexistent/rndc")
    let error = await #expect(throws: RemoteControlError.self) { try await control.status() }
    #expect("\(try #require(error))".contains("/nonexistent/rndc"))
  }
}
