import DNSNames

/// The owner names that a `$GENERATE` line makes.
///
/// It finds those below a name without going through all of them: one line may stand for millions.
public struct GeneratedNames: Hashable, Sendable {
  let template: GenerateTemplate
  let numbers: GenerateNumbers
  /// The origin that completes names without a final dot.
  let origin: DomainName

  /// The name for a number; nil if named makes none.
  func name(for number: Int) -> DomainName? {
    guard let text = template.text(for: number) else { return nil }
    return try? DomainName(text, in: 0..<text.count, origin: origin)
  }

  /// Up to 16 numbers that produce a name: a template without a placeholder produces the same name for all of them.
  func numbers(of name: DomainName) -> [Int] {
    Array(solutions { $0.numbers(of: name) }.lazy.flatMap(\.all).prefix(16))
  }

  /// The numbers whose names are strictly below another name; each name counts once.
  func numbers(below name: DomainName) -> [GenerateNumbers] {
    let solutions = solutions { $0.numbers(below: name) }
    guard template.formats.isEmpty else { return solutions }
    return solutions.first.map { [GenerateNumbers($0.first...$0.first, step: 1)] } ?? []
  }

  private func solutions(
    _ solve: (GeneratedNameShape) -> ClosedRange<Int>?
  ) -> [GenerateNumbers] {
    runs.flatMap { run -> [GenerateNumbers] in
      switch GeneratedNameShape.reading(of: self, for: run) {
      case .names(let shape):
        return solve(shape).flatMap(run.clamped).map { [$0] } ?? []
      case .refused: return []
      case .unpredictable:
        return run.all.compactMap { number in
          let one = GenerateNumbers(number...number, step: 1)
          guard let name = self.name(for: number) else { return nil }
          return solve(GeneratedNameShape(of: name)).flatMap(one.clamped)
        }
      }
    }
  }

  /// The numbers, split into runs within which every placeholder has the same number of characters.
  private var runs: [GenerateNumbers] {
    let range = numbers.first...numbers.last
    let turns = Set(template.formats.flatMap(\.turns)).filter { range.contains($0) }
    let starts = [range.lowerBound] + turns.sorted()
    let ends = starts.dropFirst().map { $0 - 1 } + [range.upperBound]
    return zip(starts, ends).compactMap { start, end in
      start <= end ? numbers.clamped(to: start...end) : nil
    }
  }
}
