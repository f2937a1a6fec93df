import Glibc
import SystemPackage
import Systemd
import TestSupport
import Testing

/// NOTIFY_SOCKET belongs to a process as a whole, so each test has one of its own.
@Suite(.timeLimit(.minutes(2))) struct ServiceManagerTests {
  @Test func theManagerHearsOfEachState() async {
    await #expect(processExitsWith: .success) {
      try withManager { manager in
        ServiceManager.current.ready(status: "in sync")
        #expect(manager.receive() == ["READY=1\nSTATUS=in sync"])
        ServiceManager.current.ready()
        #expect(manager.receive() == ["READY=1"])
        ServiceManager.current.status("2 clusters, 3 aliases")
        #expect(manager.receive() == ["STATUS=2 clusters, 3 aliases"])
        ServiceManager.current.alive()
        #expect(manager.receive() == ["WATCHDOG=1"])
        ServiceManager.current.extendTimeout(by: .seconds(90))
        #expect(manager.receive() == ["EXTEND_TIMEOUT_USEC=90000000"])
        ServiceManager.current.stopping()
        #expect(manager.receive() == ["STOPPING=1"])
      }
    }
  }

  /// Without the time systemd could take the READY=1 of one reload for that of the next.
  @Test func aReloadIsToldWithItsTime() async {
    await #expect(processExitsWith: .success) {
      try withManager { manager in
        func now() -> Int64 {
          var time = timespec()
          unsafe clock_gettime(CLOCK_MONOTONIC, &time)
          return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        }
        let before = now()
        ServiceManager.current.reloading()
        let message = try #require(manager.receive().first)
        let prefix = "RELOADING=1\nMONOTONIC_USEC="
        try #require(message.hasPrefix(prefix))
        let told = try #require(Int64(message.dropFirst(prefix.count)))
        #expect((before...now()).contains(told))
      }
    }
  }

  /// What a text says must not become a command to systemd.
  @Test func aStatusIsOneLine() async {
    await #expect(processExitsWith: .success) {
      try withManager { manager in
        ServiceManager.current.status("named said:\nMAINPID=1\r\nSTOPPING=1")
        #expect(manager.receive() == ["STATUS=named said: MAINPID=1 STOPPING=1"])
      }
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
      unsafe unsetenv("LISTEN_FDS")
      #expect(ServiceManager.current.sockets(named: "metrics") == [])
    }
  }

  @Test("sockets of several names handed over → those of the name asked for, and no others")
  func socketsByName() async {
    await #expect(processExitsWith: .success) {
      // What the process has open already is left to it: only whether it is there matters.
      for descriptor: CInt in 3...5 where fcntl(descriptor, F_GETFD) < 0 {
        let null = try FileDescriptor.open(FilePath("/dev/null"), .readOnly).rawValue
        if null != descriptor { #expect(dup2(null, descriptor) == descriptor) }
      }
      _ = unsafe setenv("LISTEN_FDS", "3", 1)
      _ = unsafe setenv("LISTEN_PID", "\(getpid())", 1)
      _ = unsafe setenv("LISTEN_FDNAMES", "metrics:other:metrics", 1)
      #expect(ServiceManager.current.sockets(named: "metrics") == [3, 5])
      #expect(ServiceManager.current.sockets(named: "other") == [4])
      #expect(ServiceManager.current.sockets(named: "metric") == [])
      // A unit without FileDescriptorName= is called `unknown` or by its own name.
      unsafe unsetenv("LISTEN_FDNAMES")
      #expect(ServiceManager.current.sockets(named: "metrics") == [])
      // Nor are they for a child of the service.
      _ = unsafe setenv("LISTEN_FDNAMES", "metrics:other:metrics", 1)
      _ = unsafe setenv("LISTEN_PID", "1", 1)
      #expect(ServiceManager.current.sockets(named: "metrics") == [])
    }
  }

  /// The variables are for the process that they name, and not for its children (sd_watchdog_enabled(3)).
  @Test func theWatchdogIsForOneProcess() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("WATCHDOG_USEC")
      #expect(ServiceManager.current.watchdogInterval == nil)
      _ = unsafe setenv("WATCHDOG_USEC", "3000000", 1)
      _ = unsafe setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(ServiceManager.current.watchdogInterval == .seconds(3))
      _ = unsafe setenv("WATCHDOG_PID", "1", 1)
      #expect(ServiceManager.current.watchdogInterval == nil)
    }
  }

  /// A process that a service started, its standard error led into a file, has the variable too.
  @Test func theJournalIsKnownByItsStream() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("JOURNAL_STREAM")
      #expect(!SystemJournal.hasStandardError)
      var status = stat()
      #expect(unsafe fstat(STDERR_FILENO, &status) == 0)
      _ = unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
      #expect(SystemJournal.hasStandardError)
      _ = unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino + 1)", 1)
      #expect(!SystemJournal.hasStandardError)
      _ = unsafe setenv("JOURNAL_STREAM", "nonsense", 1)
      #expect(!SystemJournal.hasStandardError)
    }
  }
}

/// Listens as systemd does.
private func withManager(_ body: (NotifySocket) throws -> Void) throws {
  let folder = try TemporaryFolder()
  let manager = try NotifySocket(at: folder.path.appending("notify"))
  guard unsafe setenv("NOTIFY_SOCKET", manager.path.string, 1) == 0 else {
    throw SystemCallFailure("setenv")
  }
  try body(manager)
}
