package import BINDText
import DNSNames
package import FileChange
package import SystemPackage

/// `named.conf` and the files that it includes.
package struct ConfigurationTree: Sendable {
  /// In the order in which named begins to read them; one that is included twice at the same level
  /// is there once.
  package var files: [ConfigurationFile] = []
  /// Where named's relative file names start from when it has read everything: its `directory`, or
  /// the folder of named.conf; as named sees it.
  package var directory: FilePath
  package let root: ServerRoot

  package init(
    files: [ConfigurationFile] = [], directory: FilePath, root: ServerRoot
  ) {
    self.files = files
    self.directory = directory
    self.root = root
  }

  /// A path of a zone file as it is on this host.
  package func onHost(_ path: FilePath) -> FilePath {
    root.onHost(directory.pushing(path))
  }

  /// The views, in the order in which they stand.
  package var views: [InstalledView] {
    files.indices.flatMap { file in
      files[file].outline.views.map { InstalledView(file: file, statement: $0) }
    }
  }

  /// The `options` statement, and the file that it stands in.
  package var options: (file: Int, statement: OptionsStatement)? {
    for (index, file) in files.enumerated() {
      if let statement = file.outline.options { return (index, statement) }
    }
    return nil
  }

  /// The same for all views, and outside of them.
  package var inheritedClauses: [String?: ZoneClauses] {
    var inherited: [String?: ZoneClauses] = [nil: clauses(inheritedIn: nil)]
    for (name, statements) in Dictionary(grouping: views, by: \.name) {
      inherited[name] = clauses(inheritedIn: name, statements)
    }
    return inherited
  }

  /// What a view sets for its zones, or else what `options` sets for all.
  package func clauses(inheritedIn view: String?) -> ZoneClauses {
    clauses(inheritedIn: view, views.filter { $0.name == view })
  }

  private func clauses(inheritedIn view: String?, _ statements: [InstalledView]) -> ZoneClauses {
    var clauses = ZoneClauses()
    if let view {
      for statement in statements {
        clauses = clauses.completed(with: statement.statement.clauses)
      }
      for file in files(readIn: .view, view: view) {
        clauses = clauses.completed(with: files[file].outline.clauses)
      }
    }
    for file in files where file.outline.context == .options || file.outline.context == .top {
      clauses = clauses.completed(with: file.outline.clauses)
    }
    return clauses
  }

  /// What a zone sets by its own clauses, or else by those of the template that it refers to.
  package func completedByTemplate(_ clauses: ZoneClauses) -> ZoneClauses {
    guard let name = clauses.template else { return clauses }
    for file in files {
      guard let index = file.outline.templates.firstIndex(where: { $0.name == name }) else {
        continue
      }
      var clauses = clauses.completed(
        with: file.outline.clauses(of: file.outline.templates[index]))
      for (include, included) in zip(file.outline.includes, file.includes)
      where include.enclosing == .template(index) {
        for other in included { clauses = clauses.completed(with: files[other].outline.clauses) }
      }
      return clauses
    }
    return clauses
  }

  /// The greatest TTL that named takes in a zone, in seconds; nil for any.
  ///
  /// Under a `dnssec-policy` the policy's counts, a day if it does not say, and `max-zone-ttl` of the
  /// zone is ignored (observed with named 9.18).
  package func maxZoneTTL(of clauses: ZoneClauses) -> UInt32? {
    let limit: UInt32?
    switch clauses.dnssecPolicy {
    case nil, "none"?: limit = clauses.maxZoneTTL
    case "insecure"?: limit = nil
    case let name?:
      let policy = files.lazy.flatMap(\.outline.dnssecPolicies).first { $0.name == name }
      limit = policy?.maxZoneTTL ?? 24 * 3600
    }
    return limit == .max ? nil : limit
  }

  /// The files that are read in a context, those that a view includes for a given one.
  package func files(readIn context: NamedConfOutline.Context, view: String? = nil) -> [Int] {
    files.indices.filter { files[$0].outline.context == context && files[$0].views.contains(view) }
  }
}

/// One file of the tree.
package struct ConfigurationFile: Sendable {
  package let snapshot: FileSnapshot
  package let outline: NamedConfOutline
  /// The managed blocks; a file that is read in several contexts lists them once.
  package let blocks: [ManagedBlock]
  /// The files that the `include` statements name, in the order of `outline.includes`, as indexes
  /// into the tree's files.
  package var includes: [[Int]] = []
  /// The views in whose braces it is read; nil for outside of views.
  package var views: [String?]

  package init(
    snapshot: FileSnapshot, outline: NamedConfOutline, blocks: [ManagedBlock],
    includes: [[Int]] = [], views: [String?]
  ) {
    self.snapshot = snapshot
    self.outline = outline
    self.blocks = blocks
    self.includes = includes
    self.views = views
  }
}

/// A `view` statement of the tree.
package struct InstalledView {
  /// An index into the tree's files.
  package var file: Int
  package var statement: ViewStatement

  package var name: String { statement.name }
  /// A view of another class has no use for the names of a cluster.
  package var isInternetClass: Bool { (statement.viewClass ?? .internet) == .internet }
}
