import BINDText
import FileChange
import ReconcileModel
import SystemPackage

/// Whether AppArmor or SELinux let named read what passes write, judging by their own files.
struct ConfinementCheck: LinkCheck {
  let facts: DiagnosisFacts
  /// Where /sys, /etc and /proc begin.
  var host: FilePath = "/"

  init(facts: DiagnosisFacts) {
    self.facts = facts
  }

  var findings: [Finding] { [appArmor] + seLinux }

  /// The files that named reads and passes may replace, with what named does to them.
  private var files: [(path: FilePath, writes: Bool)] {
    guard let actual = facts.actual else { return [] }
    var files = actual.tree.files.map { (path: $0.snapshot.realPath, writes: false) }
    for zone in actual.zones {
      if case .success(let text)? = zone.text {
        files += text.files.map { ($0.snapshot.realPath, false) }
      } else if zone.isDynamic, let path = zone.path,
        facts.aliasZones.contains(where: { $0.isSame(as: zone) })
      {
        // The journal of a dynamic zone lies beside its file, unless `journal` says otherwise.
        let journal =
          zone.clauses.journal.map { actual.tree.onHost(FilePath($0)) }
          ?? path.appending(suffix: ".jnl")
        files += [(path, true), (journal, true)]
      }
    }
    var seen: Set<FilePath> = []
    return files.filter { seen.insert($0.path).inserted }
  }

  // MARK: - AppArmor

  private static let appArmorText: FilePath = "etc/apparmor.d/usr.sbin.named"

  private var appArmor: Finding {
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.confinement, "AppArmor", state, finding, remedy: remedy)
    }
    let enabled = read("sys/module/apparmor/parameters/enabled") ?? ""
    guard enabled.hasPrefix("Y") else { return link(.skipped, "not on this host") }
    let mode = AppArmorMode(label: label, profiles: read("sys/kernel/security/apparmor/profiles"))
    switch mode {
    case .unconfined: return link(.ok, "named runs unconfined")
    case .complain: return link(.ok, "named's profile only complains")
    case .enforce, .unknown: break
    }
    guard let text = read(Self.appArmorText) else {
      return link(
        .skipped, "named is confined, and its profile is not at /\(Self.appArmorText)")
    }
    let local = read("etc/apparmor.d/local/usr.sbin.named") ?? ""
    let profile = AppArmorProfile(parsing: text + "\n" + local)
    let barred = files.filter { !profile.allows($0.writes ? "rw" : "r", on: $0.path.string) }
    guard let first = barred.first else {
      return link(.ok, "named's profile lets it read the files, and write the journals")
    }
    let list = barred.prefix(5).map(\.path.string).joined(separator: ", ")
    return link(
      mode == .enforce ? .broken : .warning,
      "named's profile does not let it \(first.writes ? "write" : "read") \(list)",
      """
      Add "\(first.path) \(first.writes ? "rw" : "r")," to /etc/apparmor.d/local/usr.sbin.named, then: \
      apparmor_parser -r /\(Self.appArmorText)
      """)
  }

  /// What confines the running named, in the kernel's words.
  private var label: String? {
    guard let identifier = facts.process?.identifier else { return nil }
    let attributes = FilePath("proc/\(identifier)/attr")
    return read(attributes.appending("apparmor/current")) ?? read(attributes.appending("current"))
  }

  // MARK: - SELinux

  private var seLinux: [Finding] {
    guard let enforce = read("sys/fs/selinux/enforce") else {
      return [Finding(.confinement, "SELinux", .skipped, "not on this host")]
    }
    let odd = files.compactMap { file in
      ReplacementPreflight(of: file.path).flatMap { preflight in
        SELinuxLabel(preflight.label).map { (path: preflight.path, label: $0) }
      }
    }.filter { !$0.label.isNamedReadable }
    let mode = enforce.hasPrefix("1") ? "enforcing" : "permissive"
    guard !odd.isEmpty else {
      return [
        Finding(
          .confinement, "SELinux", .ok, "\(mode); the files have labels that named may read")
      ]
    }
    return odd.map { path, label in
      Finding(
        .confinement, "\(path)", .warning,
        "SELinux is \(mode), and the label \(label.type) is not one that named usually may read",
        remedy: """
          restorecon -v \(path); outside of named's own directories first: semanage fcontext -a -t \
          named_zone_t '\(path)'
          """)
    }
  }

  private func read(_ path: FilePath) -> String? {
    readPseudoFile(host.pushing(path))
  }
}

/// The type in an SELinux label, `system_u:object_r:named_zone_t:s0`.
struct SELinuxLabel: Hashable {
  var type: String

  /// Nil if there is no label.
  init?(_ label: String?) {
    guard let fields = label?.split(separator: ":"), fields.count >= 3 else { return nil }
    type = String(fields[2])
  }

  /// Whether the reference policy lets named_t read it; of the labels that BIND's files usually have.
  var isNamedReadable: Bool {
    ["named_conf_t", "named_zone_t", "named_cache_t", "dnssec_t", "etc_t", "named_var_run_t"]
      .contains(type)
  }
}
