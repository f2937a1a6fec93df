import DCOS
import DNSNames
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite(.timeLimit(.minutes(5))) struct ClusterMemoriesTests {
  private func view(_ id: Int, _ masters: String...) throws -> ClusterView {
    ClusterView(id: try ClusterID(Site.ids[id]), masters: try masters.map { try IPAddress($0) })
  }

  @Test("what is written is read again; what is damaged is left out") func file() async throws {
    try await withTemporaryFolder { folder in
      var memories = ClusterMemories()
      memories.byName["prod"] = ClusterMemory(
        view: try view(0, "10.0.0.1", "fd00::2"), agreedAt: 7,
        pending: .init(view: try view(1), since: 5, rounds: 2, unanimousRounds: 1))
      memories.byName["lab"] = ClusterMemory(view: try view(2, "10.0.0.9"), agreedAt: 9)
      try memories.write(in: StateDirectory(folder.path), over: ClusterMemories())
      #expect(ClusterMemories.read(in: StateDirectory(folder.path)) == memories)
      let text = try folder.text("clusters")
      try folder.write("clusters", text.replacing("lab 9 ", with: "lab x "))
      #expect(
        ClusterMemories.read(in: StateDirectory(folder.path)).byName.keys.sorted() == ["prod"])
      try folder.write("clusters", String(text.dropLast()))
      #expect(ClusterMemories.read(in: StateDirectory(folder.path)) == ClusterMemories())
    }
  }

  @Test("an agreement that lasts is not written each time") func thrift() async throws {
    try await withTemporaryFolder { folder in
      var old = ClusterMemories()
      old.byName["prod"] = ClusterMemory(view: try view(0, "10.0.0.1"), agreedAt: 1000)
      var new = old
      for (time, isWritten) in [(1000, false), (1599, false), (1600, true)] as [(Int64, Bool)] {
        new.byName["prod"]?.agreedAt = time
        try new.write(in: StateDirectory(folder.path), over: old)
        #expect(try folder.names().isEmpty != isWritten)
      }
      new = old
      new.byName["prod"]?.pending = .init(view: try view(1, "10.0.0.1"), since: 0)
      try new.write(in: StateDirectory(folder.path), over: old)
      #expect(try folder.text("clusters").contains(Site.ids[1]))
      try ClusterMemories().write(in: StateDirectory(folder.path), over: new)
      #expect(ClusterMemories.read(in: StateDirectory(folder.path)) == ClusterMemories())
    }
  }
}
