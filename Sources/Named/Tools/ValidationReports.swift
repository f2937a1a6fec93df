package import DNSNames

/// What `rndc validation status` says: the views in which named validates.
package struct ValidationStatus: Equatable, Sendable {
  /// Whether named validates, by view; in a configuration without views there is `_default` alone.
  package let isOn: [String: Bool]

  package init(parsing text: String) {
    var isOn: [String: Bool] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("DNSSEC validation is ") {
      guard let start = line.firstRange(of: "(view ")?.upperBound, line.hasSuffix(")") else {
        continue
      }
      isOn[String(line[start...].dropLast())] = !line.contains(" is disabled ")
    }
    self.isOn = isOn
  }
}

/// The part of `rndc secroots -` about names that are not validated.
package struct SecureRoots: Equatable, Sendable {
  /// The negative trust anchors (RFC 7646) by view: those of `validate-except`, and what `rndc nta` has
  /// set for a while.
  package let exceptions: [String: [DomainName]]

  package init(parsing text: String) {
    var exceptions: [String: [DomainName]] = [:]
    var view = ""
    var isInExceptions = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.starts(with: ["Start", "view"]), words.count > 2 {
        view = words[2...].joined(separator: " ")
        isInExceptions = false
      } else if words.starts(with: ["Negative", "trust", "anchors:"]) {
        isInExceptions = true
      } else if words.starts(with: ["Secure", "roots:"]) {
        isInExceptions = false
      } else if isInExceptions, let name = words.first, name.hasSuffix(":") {
        if let name = try? DomainName(name.dropLast()) {
          exceptions[view, default: []].append(name)
        }
      }
    }
    self.exceptions = exceptions
  }
}

extension RemoteControl {
  /// In which views named validates.
  package func validationStatus() async throws(RemoteControlError) -> ValidationStatus {
    ValidationStatus(parsing: try await send(["validation", "status"]))
  }

  /// Which names named takes without validation.
  package func secureRoots() async throws(RemoteControlError) -> SecureRoots {
    SecureRoots(parsing: try await send(["secroots", "-"]))
  }
}
