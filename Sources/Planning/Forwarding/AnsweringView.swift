import BINDText
package import DNSNames
package import ReconcileModel

/// The view that answers a question from some address.
package enum AnsweringView: Hashable, Sendable {
  /// There are no views.
  case only
  case view(String)
  /// No view takes the client, and named refuses the question.
  case nobody
  /// The configuration alone does not say.
  case unknown

  /// Whether a view answers the question; nil if that is unknown.
  package func isAnswered(outOf view: String?) -> Bool? {
    switch self {
    case .only: view == nil
    case .view(let own): view == own
    case .nobody: false
    case .unknown: nil
    }
  }

  /// How much of a chain in a view can be seen from that address.
  package func sight(of view: String?) -> ChainQuestion.Sight {
    switch isAnswered(outOf: view) {
    case true?: .certain
    case false?: .none
    case nil: .possible
    }
  }
}

extension ConfigurationTree {
  /// The views in the order in which named tries them; those of an included file come where it is included.
  package var orderedViews: [InstalledView] { files.isEmpty ? [] : orderedViews(ofFile: 0) }

  private func orderedViews(ofFile index: Int) -> [InstalledView] {
    let file = files[index]
    var places: [(offset: Int, views: [InstalledView])] = views.filter { $0.file == index }
      .map { ($0.statement.range.lowerBound, [$0]) }
    for (include, included) in zip(file.outline.includes, file.includes)
    where include.enclosing == .top {
      places.append((include.range.lowerBound, included.flatMap(orderedViews)))
    }
    return places.sorted { $0.offset < $1.offset }.flatMap(\.views)
  }

  /// The view from which named answers an unsigned question: the first that matches client and server.
  ///
  /// - Parameters:
  ///   - client: where the question comes from; nil where that is not known.
  ///   - server: the address that it is sent to.
  ///   - matcher: judges addresses by this configuration's lists.
  /// - Returns: the view, or how much the configuration reveals about it.
  package func viewAnswering(
    _ client: IPAddress?, at server: IPAddress?, _ matcher: AddressMatcher
  ) -> AnsweringView {
    let views = orderedViews.filter(\.isInternetClass)
    guard !views.isEmpty else { return .only }
    let statements = Dictionary(grouping: self.views, by: \.name)
    for view in views {
      let own = statements[view.name] ?? []
      let questions = [("match-clients", client), ("match-destinations", server)]
      let verdicts = questions.map { keyword, address -> AddressMatcher.Verdict in
        // Without the list any address will do.
        guard let list = clauses(keyword, ofView: view.name, own).last?.clause.list else {
          return .accepted
        }
        return address.map { matcher.verdict(of: list, on: $0) } ?? .unknown
      }
      if verdicts.contains(.rejected) || verdicts.contains(.unmatched) { continue }
      let isForRecursion = clauses("match-recursive-only", ofView: view.name, own).last?.clause
        .isYes
      if verdicts.contains(.unknown) || isForRecursion == true { return .unknown }
      return .view(view.name)
    }
    return .nobody
  }
}
