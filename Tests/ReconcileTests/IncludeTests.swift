import BINDText
import DNSNames
import FileChange
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// The tree of files that named.conf includes, read as named reads it.
@Suite(.timeLimit(.minutes(5))) struct IncludeTests {
  private func error(_ files: [String: String], zonesIn: String = "named.conf") async throws
    -> String
  {
    var description = ""
    try await withSite(files, zonesIn: zonesIn) { site in
      let error = await #expect(throws: PassError.self) { try await site.propose() }
      description = (error?.description ?? "").replacing(site.folder.path.string, with: "FOLDER")
    }
    return description
  }

  @Test("relative paths start from named.conf's folder, and behind `directory` from there")
  func relative() async throws {
    let files = [
      "named.conf": """
      include "options.inc";
      options { directory "FOLDER/work"; dnssec-validation no; };
      include "late.inc";
      include "../more/*.inc";

      """,
      "options.inc": "acl early { any; };\n",
      "work/late.inc": "include \"deep/deep.inc\";\n",
      "work/deep/deep.inc": "acl deep { any; };",
      "more/b.inc": "acl b { any; };\n", "more/a.inc": "acl a { any; };\n",
    ]
    try await withSite(files, zonesIn: "work/deep/deep.inc") { site in
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(
        tree.files.map(\.snapshot.path.lastComponent?.string) == [
          "named.conf", "options.inc", "late.inc", "deep.inc", "a.inc", "b.inc",
        ])
      try await site.pass()
      #expect(try site.text("work/deep/deep.inc").contains("BEGIN zonebridge prod"))
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.text("work/deep/deep.inc") == files["work/deep/deep.inc"])
    }
  }

  @Test(
    "no `directory` → relative paths start where the running named was started; another named's directory does not count"
  )
  func workingDirectory() async throws {
    let files = [
      "conf/named.conf": "include \"zones.conf\";\n",
      "conf/zones.conf": "acl beside { any; };\n",
      "run/zones.conf": "zone \"n1.test\" { type primary; file \"db.n1\"; };\n",
      "proc/17/comm": "named\n", "proc/18/comm": "named\n",
      "proc/17/status": "Name:\tnamed\nUid:\t0\t900\t900\t900\nGid:\t900\t901\t9\t9\n",
      "proc/17/cmdline": "/usr/sbin/named\0-c\0FOLDER/conf/named.conf\0",
      "proc/18/status": "Name:\tnamed\nUid:\t0\t900\t900\t900\nGid:\t900\t901\t9\t9\n",
      "proc/18/cmdline": "/usr/sbin/named\0-c\0FOLDER/other.conf\0",
    ]
    try await withSite(files, zonesIn: "conf/named.conf") { site in
      let folder = site.folder.path
      var bind = site.desired.bind
      bind.namedConf = folder.appending("conf").appending("named.conf")
      func folders() throws -> [String?] {
        let tree = try ConfigurationTreeReader.read(
          bind, from: NamedFiles(Reader()), in: folder.appending("proc"))
        #expect(tree.directory == tree.files[1].snapshot.path.removingLastComponent())
        return tree.files.map { $0.snapshot.path.removingLastComponent().lastComponent?.string }
      }
      try makeLink(folder.appending("proc/18/cwd"), to: folder.appending("run"))
      #expect(try folders() == ["conf", "conf"])
      try makeLink(folder.appending("proc/17/cwd"), to: folder.appending("run"))
      #expect(try folders() == ["conf", "run"])
      try site.folder.write(
        "conf/named.conf",
        "options { directory \"\(folder.appending("conf"))\"; };\ninclude \"zones.conf\";\n")
      #expect(try folders() == ["conf", "conf"])
    }
  }

  @Test(
    "a file that is included before and after `directory` → what it includes is another file each time"
  )
  func beforeAndAfterDirectory() async throws {
    let files = [
      "named.conf": """
      include "FOLDER/a.conf";
      options { directory "FOLDER/sub"; dnssec-validation no; };
      include "FOLDER/a.conf";

      """,
      "a.conf": "include \"b.conf\";\n", "b.conf": "// outer\n",
      "sub/b.conf": "zone \"n1.test\" { type primary; file \"db.n1\"; };\n",
      "sub/db.n1": Planning.zone, "db.n1": "not this one",
    ]
    for zonesIn in ["named.conf", "b.conf", "sub/b.conf"] {
      try await withSite(files, zonesIn: zonesIn, aliases: ["x.n1.test"]) { site in
        let tree = try ConfigurationTreeReader.read(site.desired.bind)
        let folder = site.folder.path
        #expect(
          Set(tree.files.map(\.snapshot.path.string))
            == Set(
              ["named.conf", "a.conf", "b.conf", "sub/b.conf"].map { folder.appending($0).string }))
        #expect(try await site.pass().problems.isEmpty)
        #expect(try site.text(zonesIn).contains("BEGIN zonebridge prod"))
        #expect(try site.text("sub/db.n1").contains("BEGIN zonebridge x.n1.test"))
        try await site.expectSettled()
        try await site.removeAll()
        #expect(try site.text(zonesIn) == files[zonesIn]?.replacing("FOLDER", with: folder.string))
        #expect(try site.text("db.n1") == "not this one")
      }
    }
  }

  @Test(
    "a template that stands in an included file, and one that includes what it says → its zones have it all"
  )
  func templates() async throws {
    let files = [
      "named.conf": """
      options { directory "FOLDER"; };
      zone "a.example" { template "t"; };
      zone "b.example" { type primary; template "t"; file "own.db"; };
      include "templates.inc";

      """,
      "templates.inc": """
      template "other" { type secondary; };
      template "t" { include "said.inc"; notify no; };

      """,
      "said.inc": "type primary; file \"db.$name\"; allow-update { any; };\n",
    ]
    try await withSite(files, zonesIn: "templates.inc") { site in
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(
        tree.files.map(\.snapshot.path.lastComponent?.string) == [
          "named.conf", "templates.inc", "said.inc",
        ])
      #expect(tree.files[1].outline.includes.map(\.enclosing) == [.template(1)])
      let outline = tree.files[0].outline
      let clauses = outline.zones.map { tree.completedByTemplate(outline.clauses(of: $0)) }
      #expect(clauses.map(\.type) == [.primary, .primary])
      #expect(clauses.map(\.file) == ["db.$name", "own.db"])
      #expect(clauses.map(\.allowsUpdate) == [true, true])
    }
  }

  @Test(
    "zones-in that a wildcard would include and that is not there → made, and read from then on")
  func missingZonesIn() async throws {
    for include in ["conf.d/*.conf", "conf.d/../conf.d/z?.conf", "*/zb.conf"] {
      for others in [["conf.d/zc.conf": "// theirs\n"], ["conf.d/x": ""]] {
        let files = [
          "named.conf": "options { directory \"FOLDER\"; };\ninclude \"\(include)\";\n"
        ].merging(others) { $1 }
        try await withSite(files, zonesIn: "conf.d/zb.conf") { site in
          let plan = try await site.pass()
          #expect(plan.problems.isEmpty)
          let made = try #require(plan.files.first { $0.path.lastComponent == "zb.conf" })
          #expect(made.before == nil)
          #expect(try site.text("conf.d/zb.conf").hasPrefix("// BEGIN zonebridge prod"))
          try await site.expectSettled()
          try await site.removeAll()
          #expect(try site.text("conf.d/zb.conf") == "")
        }
      }
    }
    // One that no wildcard names is none of named's.
    let message = try await error(
      ["named.conf": "include \"FOLDER/conf.d/*.conf\";\n", "conf.d/a.conf": ""],
      zonesIn: "conf.d/.zb.conf")
    #expect(message.contains("is not part of"))
  }

  @Test("/dev/null, itself or by a link → an empty file")
  func nullDevice() async throws {
    let files = [
      "named.conf": """
      options { directory "FOLDER"; };
      include "/dev/null";
      include "masked";
      zone "contoso.com" { type primary; file "db"; };

      """, "db": Planning.zone + "$INCLUDE masked\n",
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      try makeLink(site.folder.path.appending("masked"), to: "/dev/null")
      #expect(try await site.pass().problems.isEmpty)
      try await site.expectSettled()
    }
  }

  @Test("what the checkers refuse as it stands → told as that, on the lines of the files")
  func ownMistakes() async throws {
    let message = try await error([
      "named.conf": """
      options {
      };
      zone "a.test" { type primary; file "FOLDER/a"; };
      include "FOLDER/more";
      zone "b.test" { type primary; file "FOLDER/b"; };

      """, "more": "\nzone \"a.test\" { type primary; file \"FOLDER/c\"; };\n",
    ])
    #expect(message.contains("refuses the current FOLDER/named.conf"))
    #expect(
      message.contains(
        "FOLDER/more:2: zone 'a.test': already exists previous definition: FOLDER/named.conf:3"),
      "\(message)")
    let zone = Planning.zone + "y CNAME a\ny CNAME b\n"
    let conf = "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n"
    try await withSite(["named.conf": conf, "db": zone], aliases: ["x.contoso.com"]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.map(\.severity) == [.failed])
      expect(plan.problems.first?.reason, has: "refuses the current file")
      expect(plan.problems.first?.reason, has: "multiple RRs of singleton type")
      #expect(try site.text("db") == zone)
    }
  }

  @Test("a missing file is reported with the chain of includes")
  func missing() async throws {
    let message = try await error([
      "named.conf": "include \"FOLDER/one\";\n", "one": "\ninclude \"FOLDER/two\";\n",
      "two": "include \"FOLDER/three\";\n",
    ])
    #expect(message.contains("FOLDER/three"))
    #expect(
      message.contains(
        "(included by FOLDER/two, that by FOLDER/one, that by FOLDER/named.conf)"))
  }

  @Test("a pattern that matches nothing is reported with its line")
  func noMatch() async throws {
    let message = try await error(["named.conf": "\n\ninclude \"FOLDER/zones/*.conf\";\n"])
    #expect(message.contains("FOLDER/named.conf:3"))
    #expect(message.contains("matches no file"))
  }

  @Test("a loop is reported, through a link too")
  func loop() async throws {
    let message = try await error([
      "named.conf": "include \"FOLDER/one\";\n", "one": "include \"FOLDER/named.conf\";\n",
    ])
    #expect(message.contains("FOLDER/named.conf includes itself (included by FOLDER/one, that by"))
  }

  @Test("a file that is broken is reported with its line and the chain")
  func broken() async throws {
    let message = try await error([
      "named.conf": "include \"FOLDER/one\";\n", "one": "acl a {\n",
    ])
    #expect(message.hasPrefix("FOLDER/one:1: "))
    #expect(message.contains("included by FOLDER/named.conf"))
  }

  @Test("zones-in has to be part of the tree, outside of braces that take no zones")
  func zonesIn() async throws {
    let stranger = try await error(["named.conf": "", "other": ""], zonesIn: "other")
    #expect(stranger.contains("FOLDER/other is not part of FOLDER/named.conf"))
    let within = try await error(
      ["named.conf": "options { include \"FOLDER/o\"; };\n", "o": "recursion no;\n"],
      zonesIn: "o")
    #expect(within.contains("included within braces"))
  }

  @Test("a file included twice, by two names, is one file")
  func twice() async throws {
    let files = [
      "named.conf": """
      options { dnssec-validation no; };
      zone "a.example" { type primary; file "a"; include "FOLDER/common"; };
      zone "b.example" { type primary; file "b"; include "FOLDER/link"; };
      include "FOLDER/zones";

      """,
      "common": "notify no;\n", "zones": "",
    ]
    try await withSite(files, zonesIn: "zones") { site in
      try makeLink(
        site.folder.path.appending("link"), to: site.folder.path.appending("common"))
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(tree.files.count == 3)
      try await site.pass()
      try await site.expectSettled()
    }
  }

  @Test("the checker's messages have the real files and lines, whatever the includes look like")
  func realNames() async throws {
    let files = [
      "named.conf": """
      options { dnssec-validation no; };
      include
         "FOLDER/zones";
      zone "x.example" { type primary; file "x"; };
      zone "x.example" { type primary; file "y"; };

      """,
      "zones": "acl a { any; };\nbogus-statement yes;\n",
    ]
    let message = try await error(files, zonesIn: "zones")
    #expect(message.contains("named-checkconf refuses the current FOLDER/named.conf"))
    #expect(message.contains("FOLDER/zones:2: unknown option 'bogus-statement'"))
    let other = try await error(
      files.merging(["zones": "acl a { any; };\n"]) { $1 }, zonesIn: "zones")
    #expect(other.contains("FOLDER/named.conf:5: zone 'x.example': already exists"))
  }

  @Test("a chrooted named's files: paths in them start from its root")
  func changedRoot() async throws {
    let files = [
      "chroot/named.conf": """
      options { directory "/var/named"; dnssec-validation no; };
      include "/etc/zones.conf";
      include "/etc/more/*.conf";

      """,
      "chroot/etc/zones.conf": "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n",
      "chroot/etc/more/one.conf": "acl one { any; };\n",
      "chroot/var/named/db.contoso.com": """
      $TTL 60
      @ SOA ns.example.net. h.example.net. 7 1 1 1 1
      $INCLUDE /etc/zone.inc

      """,
      "chroot/etc/zone.inc": "@ NS ns.example.net.\n",
    ]
    try await withSite(
      files, zonesIn: "etc/zones.conf", aliases: ["x.contoso.com", "dcos.example"], root: "chroot"
    ) { site in
      var made = site
      made.desired.zones = [
        try DomainName("dcos.example"): ZoneSettings(
          create: CreatedZone(
            file: "/var/named/db.dcos", primary: try DomainName("ns.example.net"),
            contact: try DomainName("h.example.net")))
      ]
      let plan = try await made.pass()
      #expect(plan.problems.isEmpty)
      let zones = try site.text("chroot/etc/zones.conf")
      #expect(zones.contains("BEGIN zonebridge prod"))
      #expect(zones.contains("file \"/var/named/db.dcos\";"))
      #expect(try site.text("chroot/var/named/db.dcos").contains("DNAME"))
      #expect(try site.text("chroot/var/named/db.contoso.com").contains("DNAME"))
      try await made.expectSettled()
      try await made.removeAll()
      #expect(try site.text("chroot/etc/zones.conf") == files["chroot/etc/zones.conf"])
    }
  }

  @Test("links in a chroot → they lead to where they lead for named, never out of it")
  func linksInRoot() async throws {
    let files = [
      "chroot/named.conf": """
      options { directory "/zones"; dnssec-validation no; };
      include "/early";
      include "/more/*.conf";
      zone "contoso.com" { type primary; file "db.contoso.com"; };

      """,
      "chroot/etc/zones": "acl inside { any; };\n", "etc/zones": "acl hunter2 { any; };\n",
      "chroot/etc/more/a.conf": "acl a { any; };\n", "etc/more/b.conf": "acl hunter2 { any; };\n",
      "chroot/srv/db": "$TTL 60\n@ SOA ns.x. h.x. 7 1 1 1 1\n@ NS ns.x.\n$INCLUDE /rest\n",
      "chroot/srv/rest": "www A 192.0.2.1\n", "srv/rest": "hunter2 A 192.0.2.1\n",
      "chroot/zones/x": "",
    ]
    try await withSite(files, aliases: ["x.contoso.com"], root: "chroot") { site in
      let chroot = site.folder.path.appending("chroot")
      try makeLink(chroot.appending("early"), to: "/etc/zones")
      try makeLink(chroot.appending("more"), to: "/../etc/more")
      try makeLink(chroot.appending("rest"), to: "../../srv/rest")
      try makeLink(chroot.appending("zones/db.contoso.com"), to: "../srv/db")
      let tree = try ConfigurationTreeReader.read(site.desired.bind)
      #expect(
        tree.files.map { $0.snapshot.realPath.lastComponent?.string } == [
          "named.conf", "zones", "a.conf",
        ])
      try await site.pass()
      try await site.expectSettled()
      #expect(try site.text("chroot/srv/db").contains("DNAME"))
      #expect(try site.text("srv/rest") == files["srv/rest"])
    }
  }

  @Test("absolute links in a chroot → the files behind them are replaced, made and removed there")
  func absoluteLinksInRoot() async throws {
    let zone = "$TTL 60\n@ SOA ns.x. h.x. 7 1 1 1 1\n@ NS ns.x.\n"
    let conf = """
      options { directory "/zones"; dnssec-validation no; };
      zone "contoso.com" { type primary; file "db.contoso.com"; };
      include "zones.conf";

      """
    let files = [
      "db": zone, "named.conf": "options { };\n",
      "chroot/srv/more/db.example": zone.replacing("ns.x", with: "ns.example"),
    ]
    try await withSite(
      files, zonesIn: "zones/zones.conf", aliases: ["x.contoso.com", "dcos.example"],
      root: "chroot"
    ) { site in
      let chroot = site.folder.path.appending("chroot")
      // On the host the first leads nowhere, and the others to other files.
      try makeLink(chroot.appending("zones"), to: "/srv/more")
      let outside = site.folder.path.appending("db")
      let inside = chroot.appending(outside.components)
      for (name, text) in [("db", zone), ("named.conf", conf)] {
        let file = inside.removingLastComponent().appending(name)
        try site.folder.write(
          String(file.string.dropFirst(site.folder.path.string.count + 1)), text)
      }
      try makeLink(chroot.appending("srv/more/db.contoso.com"), to: outside)
      try makeLink(
        chroot.appending("named.conf"), to: site.folder.path.appending("named.conf"))
      var made = site
      made.desired.zones = [
        try DomainName("dcos.example"): ZoneSettings(
          create: CreatedZone(
            file: "/zones/db.dcos", primary: try DomainName("ns.example.net"),
            contact: try DomainName("h.example.net")))
      ]
      let plan = try await made.pass()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(String(decoding: try readFile(inside), as: UTF8.self).contains("DNAME"))
      #expect(try site.text("chroot/srv/more/db.dcos").contains("DNAME"))
      #expect(try site.text("chroot/srv/more/zones.conf").contains("BEGIN zonebridge prod"))
      try await made.expectSettled()
      let actual = try await made.propose().actual
      let status = NamedStatus(
        parsing: """
          configuration file: /named.conf (\(chroot)/named.conf)
          server is up and running

          """)
      #expect(actual.foreignConfiguration(of: status) == nil)
      try await made.removeAll()
      #expect(!String(decoding: try readFile(inside), as: UTF8.self).contains("DNAME"))
      #expect(try site.text("db") == zone)
      #expect(try site.text("named.conf") == files["named.conf"])
      #expect(try site.folder.names() == ["chroot", "db", "named.conf"])
    }
  }
}
