import Glibc
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct ProcessFiguresTests {
  @Test func theyAreThoseOfThisProcess() throws {
    let figures = try #require(ProcessMetrics.current)
    #expect(figures.residentBytes > 1 << 20 && figures.residentBytes < figures.virtualBytes)
    #expect(figures.cpuSeconds > 0)
    let age = Double(time(nil)) - figures.started
    #expect(age > -2 && age < 86_400)
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #expect(figures.maxDescriptors == Int64(clamping: limit.rlim_cur))
  }

  @Test func theStartDoesNotWaver() throws {
    let one = try #require(ProcessMetrics.current).started
    let other = try #require(ProcessMetrics.current).started
    #expect(one == other)
  }

  @Test func openDescriptorsAreCounted() throws {
    // Other tests open and close theirs meanwhile: many more than they have make the difference.
    let before = try #require(ProcessMetrics.current?.openDescriptors)
    let descriptors = (0..<500).map { _ in dup(0) }
    let after = try #require(ProcessMetrics.current?.openDescriptors)
    for descriptor in descriptors { close(descriptor) }
    #expect(after > before + 250 && after < before + 750)
  }
}
