import BINDText
import FileChange
package import ReconcileModel
import SystemPackage

extension ActualState {
  /// The views that a list of names stands for, nil meaning all; without views, the one place outside of them.
  package func chosenViews(_ names: [String]?, key: String) throws(PlanError) -> [String?] {
    let all = tree.views
    guard !all.isEmpty else {
      guard names?.isEmpty ?? true else {
        throw PlanError("\(key): \(bind.namedConf) has no views", remedy: "Remove the key")
      }
      return [nil]
    }
    let known = all.filter(\.isInternetClass).map(\.name)
    guard !known.isEmpty else {
      throw PlanError(
        "\(bind.namedConf) has no view of class IN, so no view can have a zone")
    }
    guard let names, !names.isEmpty else { return known }
    for name in names where !known.contains(name) {
      throw PlanError(
        "\(key): named.conf has no view \"\(name)\" of class IN",
        remedy: "There are: \(known.joined(separator: ", "))")
    }
    return known.filter(names.contains)
  }

  /// Where zone statements go, for some views.
  ///
  /// If there are views, named refuses a zone outside of them. So the statements go into `zones-in` for a view that
  /// includes it, and between the view's own braces otherwise.
  package func zoneSites(for views: [String?]) throws(PlanError) -> [ZoneSite] {
    let target = try configurationForZones()
    let file = tree.files[target]
    if views == [nil] {
      guard file.outline.context == .top else {
        throw PlanError(
          "zones-in: \(bind.zonesIn) is included within braces, where named allows no zone statement",
          remedy: "Name a file that is included outside the braces")
      }
      return [ZoneSite(site: BlockSite(file: target, list: nil), views: views)]
    }
    var sites: [ZoneSite] = []
    if file.outline.context == .view {
      let strangers = file.views.filter { !views.contains($0) }.compactMap(\.self)
      let served = file.views.filter { views.contains($0) }
      if !served.isEmpty {
        guard strangers.isEmpty else {
          throw PlanError(
            """
            zones-in: \(bind.zonesIn) is included by the view \(strangers.joined(separator: ", ")) \
            as well, which is not among the chosen views
            """, remedy: "Choose it too, or name another file")
        }
        sites.append(ZoneSite(site: BlockSite(file: target, list: nil), views: served))
      }
    }
    let chosen = Set(views)
    var served = Set(sites.flatMap(\.views))
    for view in tree.views where view.isInternetClass && chosen.contains(view.name) {
      guard served.insert(view.name).inserted else { continue }
      sites.append(
        ZoneSite(
          site: BlockSite(file: view.file, list: view.statement.list), views: [view.name]))
    }
    return sites
  }

  /// The file that `zones-in` names.
  private func configurationForZones() throws(PlanError) -> Int {
    let known = tree.files.indices.filter {
      tree.files[$0].snapshot.path == bind.zonesIn
        || tree.files[$0].snapshot.realPath == bind.zonesIn
    }
    guard let first = known.first else {
      throw PlanError(
        """
        zones-in: \(bind.zonesIn) is not part of \(bind.namedConf), so named would never read it
        """, remedy: "Include it, or name a file that is included")
    }
    return known.first { tree.files[$0].outline.context == .view }
      ?? known.first { tree.files[$0].outline.context == .top } ?? first
  }
}
