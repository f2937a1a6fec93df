import Glibc
import SystemPackage
import TestSupport

/// The hosts of the guide, ns1 and ns2, on a network that has nobody on it but them and the masters.
///
/// Each has `/etc`, `/var` and `/run` of its own. Nothing of the machine that runs the test is changed.
struct GuideHosts {
  private let folder: TemporaryFolder
  private var script = Self.prelude
  private var expectations: [Expectation] = []

  /// A command, and what it should do.
  fileprivate struct Expectation {
    let place: String
    let command: String
    /// Nil where the page shows none; `…` stands for anything in a line, and alone for any lines.
    let output: [String]?
    let status: Int
  }

  /// Namespaces are root's to make, where the kernel and a container around allow it.
  static func areToBeHad() async throws -> Bool {
    guard geteuid() == 0 else { return false }
    return try await TestSupport.run(
      "unshare", arguments: ["--mount", "--net", "ip", "link", "set", "lo", "up"]
    ).status == 0
  }

  init() throws {
    folder = try TemporaryFolder()
    for name in ["zonebridge", "dcos-simulator"] { try folder.write(name, "") }
  }

  // MARK: What is to be done

  /// Takes a block on: a file to be written, or commands.
  mutating func add(_ block: GuidePage.Block) {
    let host = block.words["host"] ?? "ns1"
    if let file = block.words["file"] {
      script += "cat >/mnt/\(host)\(file) <<'=END='\n\(block.text)=END=\n"
      return
    }
    let last = block.words["status"].flatMap(Int.init) ?? 0
    switch block.language {
    case "test": script += block.text
    case "sh": add(block.text, to: host, at: block.place, output: nil, status: last)
    case "console":
      // A prompt begins a command, and what follows up to the next one is its output.
      let prompts = block.lines.indices.filter { block.lines[$0].hasPrefix("$ ") }
      for (prompt, next) in zip(prompts, prompts.dropFirst() + [block.lines.endIndex]) {
        add(
          String(block.lines[prompt].dropFirst(2)), to: host, at: block.place,
          output: Array(block.lines[(prompt + 1)..<next]),
          status: next == block.lines.endIndex ? last : 0)
      }
    default: break
    }
  }

  private mutating func add(
    _ command: String, to host: String, at place: String, output: [String]?, status: Int
  ) {
    let quoted = "'" + command.replacing("'", with: #"'\''"#) + "'"
    let name = "/mnt/out/\(expectations.count)"
    script += """
      status=0; on \(host) bash -c \(quoted) >\(name) 2>&1 </dev/null || status=$?
      echo $status >\(name).status

      """
    expectations.append(
      Expectation(place: place, command: command, output: output, status: status))
  }

  // MARK: What came of it

  /// Runs everything in order.
  ///
  /// - Returns: what was not as the page has it, in words.
  func run() async throws -> [String] {
    let program = try Host.program()
    try folder.write("steps", script)
    // All processes go with the first one of their namespace; the limit is for one that hangs.
    let result = try await TestSupport.run(
      "timeout",
      arguments: [
        "-s", "KILL", "600", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
        "--mount-proc", "bash", "\(folder.path)/steps",
      ],
      environment: [
        "work": folder.path.string,
        "programs": program.removingLastComponent().string, "zonebridge": program.string,
      ])
    var complaints: [String] = []
    for (index, expected) in expectations.enumerated() {
      guard let status = try? folder.text("out/\(index).status") else {
        complaints.append("\(expected.place): not run: \(expected.command)\n\(result)")
        break
      }
      let output = try folder.text("out/\(index)")
      guard status == "\(expected.status)\n", expected.matches(output) else {
        complaints.append(
          """
          \(expected.place): `\(expected.command)` ends with \(status.dropLast()), not with \
          \(expected.status), or says something else than is shown:
          \(output)
          """)
        continue
      }
    }
    return complaints
  }

  // MARK: The network and the hosts

  private static let prelude = #"""
    set -eu
    export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C TERM=dumb
    unset NO_COLOR ZONEBRIDGE_CONFIG CREDENTIALS_DIRECTORY NOTIFY_SOCKET JOURNAL_STREAM TMPDIR
    mount --make-rprivate /
    mount --bind "$zonebridge" "$work/zonebridge"
    mount --bind "$programs/dcos-simulator" "$work/dcos-simulator"
    mount --rbind "$work" /mnt
    mkdir /mnt/out
    ip link set lo up
    for address in 10.0.6.{68..70} 10.0.7.{68..70} 10.1.0.5 10.0.0.53 10.0.0.54; do
      ip addr add "$address/32" dev lo
    done

    # Waits until a command succeeds; the limit of the whole run is for one that never does.
    await() { until "$@" >/dev/null 2>&1; do sleep 0.1; done; }

    # host NAME ADDRESS LISTEN-ON: a host with Debian's files of BIND
    host() {
      mkdir "/mnt/$1" "/mnt/$1/etc"
      cp -a /etc/{passwd,group,nsswitch.conf,hosts,ld.so.*} "/mnt/$1/etc"
      unshare --mount bash -euc '
        for folder in etc var run; do
          mkdir -p "/mnt/$1/$folder"
          mount --bind "/mnt/$1/$folder" "/$folder"
        done
        mount -t tmpfs none /tmp
        mount -t tmpfs none /usr/local/sbin
        touch /usr/local/sbin/zonebridge
        mount --bind /mnt/zonebridge /usr/local/sbin/zonebridge
        mkdir -p /etc/bind /etc/zonebridge /var/lib/zonebridge
        install -d -o bind -g bind /var/cache/bind /var/lib/bind /run/named
        rndc-confgen -a -u bind
        touch "/mnt/$1/up"
        exec sleep infinity' bash "$1" &
      echo $! >"/mnt/$1/pid"
      until [ -e "/mnt/$1/up" ]; do kill -0 $!; sleep 0.1; done
      cat >"/mnt/$1/etc/bind/named.conf" <<'END'
    include "/etc/bind/named.conf.options";
    include "/etc/bind/named.conf.local";
    include "/etc/bind/rndc.key";
    END
      cat >"/mnt/$1/etc/bind/named.conf.options" <<END
    options {
    	directory "/var/cache/bind";
    	listen-on { $3 };
    	notify-source $2; transfer-source $2;
    	listen-on-v6 { none; };
    	allow-recursion { localhost; 10.0.0.0/8; };
    	dnssec-validation auto;
    };
    END
    }
    # on NAME COMMAND…
    on() { nsenter --target "$(cat "/mnt/$1/pid")" --mount --wd=/ "${@:2}"; }

    # cluster NAME ID MASTER… -- TASK=ADDRESS
    cluster() {
      local name=$1 id=$2 masters=()
      shift 2
      while [ "$1" != -- ]; do masters+=(--master "$1"); shift; done
      mkdir "/mnt/$name"
      mkfifo "/mnt/$name/steer"
      /mnt/dcos-simulator --id "$id" "${masters[@]}" --http-port 443 --dns-port 53 --task "$2" \
        --tls-directory "/mnt/$name" <>"/mnt/$name/steer" >"/mnt/$name/log" 2>&1 &
      until grep -q ^ready "/mnt/$name/log"; do kill -0 $!; sleep 0.1; done
    }

    host ns1 10.0.0.53 '127.0.0.1; 10.0.0.53;'
    host ns2 10.0.0.54 '10.0.0.54;'
    # Both have the loopback in common, and so its port 953.
    echo 'controls { inet 10.0.0.54 allow { 10.0.0.54; } keys { rndc-key; }; };' \
      >>/mnt/ns2/etc/bind/named.conf
    cat >/mnt/ns2/etc/bind/rndc.conf <<'END'
    include "/etc/bind/rndc.key";
    options { default-key rndc-key; default-server 10.0.0.54; };
    END

    """#
}

extension GuideHosts.Expectation {
  fileprivate func matches(_ text: String) -> Bool {
    guard let output else { return true }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    return Self.matches(output[...], lines)
  }

  private static func matches(_ shown: ArraySlice<String>, _ lines: ArraySlice<Substring>) -> Bool {
    guard let first = shown.first else { return lines.isEmpty }
    if first == "…" {
      return lines.indices.contains { matches(shown.dropFirst(), lines[$0...]) }
        || matches(shown.dropFirst(), [])
    }
    guard let line = lines.first, isLike(first, line) else { return false }
    return matches(shown.dropFirst(), lines.dropFirst())
  }

  /// Whether a line is the one that is shown, where `…` stands for anything.
  private static func isLike(_ shown: String, _ line: Substring) -> Bool {
    var rest = line
    let parts = shown.split(separator: "…", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return shown == line }
    guard rest.hasPrefix(parts[0]), rest.hasSuffix(parts[parts.count - 1]) else { return false }
    rest = rest.dropFirst(parts[0].count)
    for part in parts.dropFirst() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}
