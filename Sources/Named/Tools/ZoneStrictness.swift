package import DNSNames
package import SystemPackage

/// How strictly named judges a primary zone when it loads it: those of its `check-…` statements by which it may refuse
/// one.
package struct ZoneStrictness: Hashable, Sendable {
  /// What is done about a find.
  package enum Mode: String, Sendable {
    case ignore
    case warn
    /// The zone is refused.
    case fail
  }

  /// `check-names`.
  package var names = Mode.fail
  /// `check-dup-records`.
  package var duplicates = Mode.warn
  /// `check-mx`.
  package var mx = Mode.warn
  /// `check-mx-cname`.
  package var mxToCNAME = Mode.warn
  /// `check-srv-cname`.
  package var srvToCNAME = Mode.warn
  /// `check-integrity`: whether names that records lead to have to have addresses.
  package var checksIntegrity = true
  /// `check-sibling`: whether that holds for the glue of sibling zones.
  package var checksSiblings = true
  /// `check-svcb`: whether SVCB records of name servers have to be whole (RFC 9461).
  ///
  /// named-checkzone always asks for that, from 9.20 on, and has no option against it.
  package var checksSVCB = true

  /// named's own defaults, which are not all those of named-checkzone.
  package init() {}

  /// The same in the words of named-checkzone.
  ///
  /// Its own default for `-i`, `full`, would ask the system's resolver for the addresses of name
  /// servers and mail exchangers elsewhere: named does not, and the answer may depend on the very
  /// change.
  var arguments: [String] {
    let integrity = checksIntegrity ? checksSiblings ? "local" : "local-sibling" : "none"
    return [
      "-k", names.rawValue, "-r", duplicates.rawValue, "-m", mx.rawValue, "-M", mxToCNAME.rawValue,
      "-S", srvToCNAME.rawValue, "-i", integrity,
    ]
  }

  /// A configuration by which named-checkconf loads the zone as named would.
  package func configuration(of zone: DomainName, file: FilePath, directory: FilePath?) -> String {
    func word(_ isOn: Bool) -> String { isOn ? "yes" : "no" }
    return """
      \(directory.map { "options { directory \"\($0)\"; };\n" } ?? "")\
      zone "\(zone.withoutTrailingDot)" {
      	type primary; file "\(file)";
      	check-names \(names.rawValue); check-dup-records \(duplicates.rawValue);
      	check-mx \(mx.rawValue); check-mx-cname \(mxToCNAME.rawValue);
      	check-srv-cname \(srvToCNAME.rawValue);
      	check-integrity \(word(checksIntegrity)); check-sibling \(word(checksSiblings));
      	check-svcb \(word(checksSVCB));
      };

      """
  }
}
