import CLinux
import Glibc
import Synchronization

/// Has a program run on one processor, with all the threads that it is still to start, and none take it from another.
///
/// BIND's clients wait at their end for a thread of their own, and look for it only every 10 ms (9.18,
/// `isc__taskmgr_destroy` in lib/isc/task.c). Where its threads take turns, it has ended by then. So they share one
/// processor, in the scheduling class for batch jobs, in which a thread that is woken waits for the running one
/// (sched(7)): rndc takes 17 ms instead of 25. One of the two without the other gains nothing.
enum OneProcessor {
  /// How many programs run on each processor, so that those side by side run on different ones.
  private static let taken = Mutex<[Int: Int]>([:])

  /// Gives a process that was just started the processor with the fewest of such programs: its threads get what it has.
  ///
  /// - Parameter process: The process.
  /// - Returns: The processor, for ``release(_:)``; nil where the process runs on whichever it likes.
  static func take(_ process: pid_t) -> Int? {
    let allowed = allowedProcessors()
    guard allowed.count > 1 else { return nil }
    // This thread's own is awake, and has nothing to do until the program ends.
    let own = Int(sched_getcpu())
    let chosen = taken.withLock { taken in
      let chosen = choice(among: allowed, taken, own: own)
      if let chosen { taken[chosen, default: 0] += 1 }
      return chosen
    }
    guard let processor = chosen else { return nil }
    var set = cpu_set_t()
    unsafe withUnsafeMutableBytes(of: &set) { unsafe $0[processor / 8] |= 1 << (processor % 8) }
    if unsafe sched_setaffinity(process, MemoryLayout<cpu_set_t>.size, &set) == 0 {
      takeTurns(process)
      return processor
    }
    // The service manager may forbid it.
    release(processor)
    return nil
  }

  /// Puts a process into the class for batch jobs, unless it is in a class of its own already.
  private static func takeTurns(_ process: pid_t) {
    guard sched_getscheduler(process) == SCHED_OTHER else { return }
    var parameters = sched_param()
    _ = unsafe sched_setscheduler(process, SCHED_BATCH, &parameters)
  }

  /// The processor with the fewest programs; among equals this thread's own, else the first.
  static func choice(among allowed: [Int], _ taken: [Int: Int], own: Int) -> Int? {
    let fewest = allowed.map { taken[$0, default: 0] }.min()
    let free = allowed.filter { taken[$0, default: 0] == fewest }
    return free.contains(own) ? own : free.first
  }

  /// Ends what ``take(_:)`` has begun.
  static func release(_ processor: Int) {
    taken.withLock { $0[processor, default: 1] -= 1 }
  }

  /// The processors that this process may use, up to the size of a set.
  private static func allowedProcessors() -> [Int] {
    var set = cpu_set_t()
    guard unsafe sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return [] }
    return unsafe withUnsafeBytes(of: &set) { bytes in
      bytes.indices.flatMap { index in
        (0..<8).filter { unsafe bytes[index] >> $0 & 1 == 1 }.map { index * 8 + $0 }
      }
    }
  }
}
