/// A moment for people to read, in UTC: `2026-11-24 17:20:05 UTC`.
package struct CivilTime: CustomStringConvertible {
  private let seconds: Int64

  package init(secondsSince1970 seconds: Int64) {
    self.seconds = seconds
  }

  package var description: String {
    let date = CivilDate(secondsSince1970: seconds)
    let second = (seconds % 86_400 + 86_400) % 86_400
    let clock = [second / 3600, second / 60 % 60, second % 60].map(twoDigits)
    return
      "\(date.year)-\(twoDigits(date.month))-\(twoDigits(date.day)) \(clock.joined(separator: ":")) UTC"
  }

  private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
