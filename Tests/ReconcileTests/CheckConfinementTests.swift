import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite("check: AppArmor and SELinux", .timeLimit(.minutes(5)))
struct CheckConfinementTests {
  /// Lines of Debian's profile.
  private let profile = """
    profile named /usr/sbin/named flags=(attach_disconnected) {
      #include <abstractions/base>
      capability net_bind_service,
      /etc/bind/** r,
      /var/lib/bind/** rw,
      owner @{PROC}/@{pid}/task/@{tid}/comm rw,
      /{,var/}run/named/named.pid w,
      deny /etc/bind/secret/** r,
      /srv/zones/*.db r,
    }
    """

  @Test("rules are matched as AppArmor matches them") func rules() {
    let profile = AppArmorProfile(parsing: profile)
    #expect(profile.allows("r", on: "/etc/bind/a/db.x"))
    #expect(!profile.allows("rw", on: "/etc/bind/db.x"))
    #expect(!profile.allows("r", on: "/etc/bind/secret/db.x"))
    #expect(profile.allows("rw", on: "/var/lib/bind/db.x.jnl"))
    #expect(profile.allows("w", on: "/run/named/named.pid"))
    #expect(profile.allows("w", on: "/var/run/named/named.pid"))
    #expect(profile.allows("r", on: "/srv/zones/x.db"))
    #expect(!profile.allows("r", on: "/srv/zones/a/x.db"))
    #expect(!profile.allows("r", on: "/srv/zones/x.dbx"))
  }

  @Test("whether the profile is held to") func modes() {
    #expect(AppArmorMode(label: "named (enforce)\n", profiles: nil) == .enforce)
    #expect(AppArmorMode(label: "unconfined\n", profiles: "named (enforce)\n") == .unconfined)
    #expect(AppArmorMode(label: nil, profiles: "man (enforce)\nnamed (complain)\n") == .complain)
    #expect(AppArmorMode(label: nil, profiles: "man (enforce)\n") == .unconfined)
    #expect(AppArmorMode(label: nil, profiles: nil) == .unknown)
  }

  @Test("a profile that bars named from the files, until it has rules for them") func barred()
    async throws
  {
    try await withSite(["named.conf": "options { };\n"]) { site in
      let folder = site.folder
      try folder.write("host/sys/module/apparmor/parameters/enabled", "Y\n")
      try folder.write("host/sys/kernel/security/apparmor/profiles", "named (enforce)\n")
      try folder.write("host/etc/apparmor.d/usr.sbin.named", profile)
      var facts = DiagnosisFacts(desired: site.desired, tools: .success(try NamedTools.locate()))
      facts.actual = try await site.propose().actual
      var check = ConfinementCheck(facts: facts)
      check.host = folder.path.appending("host")
      let link = check.findings[0]
      #expect(link.state == .broken)
      #expect(link.finding.contains("\(folder.path)/named.conf"))
      #expect(link.remedy.contains("local/usr.sbin.named"))
      #expect(check.findings[1].state == .skipped, "no SELinux")
      try folder.write("host/etc/apparmor.d/local/usr.sbin.named", "\(folder.path)/** r,\n")
      #expect(check.findings[0].state == .ok)
      try folder.write("host/sys/module/apparmor/parameters/enabled", "N\n")
      #expect(check.findings[0].state == .skipped)
    }
  }

  @Test("labels of SELinux") func labels() {
    #expect(SELinuxLabel("system_u:object_r:named_zone_t:s0")?.isNamedReadable == true)
    #expect(SELinuxLabel("unconfined_u:object_r:user_home_t:s0")?.isNamedReadable == false)
    #expect(SELinuxLabel(nil) == nil)
  }
}
