package import BINDText
import DNSNames
package import ReconcileModel

/// A statement of named's configuration, and the file that it stands in.
package struct PlacedClause: Sendable {
  let file: ConfigurationFile
  package let clause: Clause

  /// As `file:line`.
  package var location: String { file.location(of: clause.range.lowerBound) }
}

extension ConfigurationTree {
  /// A view's setting for a keyword, or else that of `options`, which applies to all views.
  ///
  /// - Returns: nil where named's default counts.
  package func setting(_ keyword: String, in view: String?) -> PlacedClause? {
    setting(keyword, in: view, views.filter { $0.name == view })
  }

  /// The same, for a caller that has found the view's own statements already.
  func setting(
    _ keyword: String, in view: String?, _ statements: [InstalledView]
  ) -> PlacedClause? {
    view.flatMap { clauses(keyword, ofView: $0, statements).last }
      ?? clausesOfOptions(keyword).last
  }

  /// The catalog zones of whose members named makes zones in a view (RFC 9432), as named prints names.
  package func catalogs(in view: String?) -> [String] {
    let statements = setting("catalog-zones", in: view)?.clause.list("zone") ?? []
    return statements.compactMap(\.value).map { (try? DomainName($0).withoutTrailingDot) ?? $0 }
  }

  /// The statements outside of all braces that begin with one of some keywords.
  package func topClauses(_ keywords: String...) -> [PlacedClause] {
    files(readIn: .top).flatMap {
      placed(files[$0].outline.clauses(beginningWith: Set(keywords)), in: $0)
    }
  }

  /// The statements of a view that begin with a keyword, the included files counted in.
  func clauses(_ keyword: String, ofView view: String) -> [PlacedClause] {
    clauses(keyword, ofView: view, views.filter { $0.name == view })
  }

  /// The same, for a caller that has found the view's own statements already.
  func clauses(
    _ keyword: String, ofView view: String, _ statements: [InstalledView]
  ) -> [PlacedClause] {
    let included = files(readIn: .view, view: view).flatMap {
      placed(files[$0].outline.clauses(keyword), in: $0)
    }
    return included
      + statements.flatMap { view in
        placed(files[view.file].outline.clauses(keyword, in: view.statement.body), in: view.file)
      }
  }

  private func clausesOfOptions(_ keyword: String) -> [PlacedClause] {
    let included = files(readIn: .options).flatMap {
      placed(files[$0].outline.clauses(keyword), in: $0)
    }
    guard let (file, statement) = options else { return included }
    return included
      + placed(files[file].outline.clauses(keyword, in: statement.list.body), in: file)
  }

  private func placed(_ clauses: [Clause], in file: Int) -> [PlacedClause] {
    clauses.map { PlacedClause(file: files[file], clause: $0) }
  }
}

extension Clause {
  /// named's booleans: `no`, `false` and `0` against `yes`, `true` and `1`.
  package var isNo: Bool { value.map { ["no", "false", "0"].contains($0.lowercased()) } ?? false }
  package var isYes: Bool { value.map { ["yes", "true", "1"].contains($0.lowercased()) } ?? false }
}
