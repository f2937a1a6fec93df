package import BINDText

/// A list of statements that a managed block of named.conf stands in.
package struct BlockSite: Hashable {
  /// An index into the tree's files.
  package var file: Int
  /// The braces, or nil for the file itself.
  package var list: StatementList?

  package init(
    file: Int, list: StatementList? = nil
  ) {
    self.file = file
    self.list = list
  }
}

/// Where zone statements go, and the views that have them by it.
package struct ZoneSite {
  package var site: BlockSite
  package var views: [String?]

  package init(
    site: BlockSite, views: [String?]
  ) {
    self.site = site
    self.views = views
  }
}
