package import BINDText
package import DCOS
package import DNSNames
package import FileChange
package import Named

/// An error that an operator reads: what is wrong, and what to do about it.
///
/// The description joins the two in one sentence or in two; a caller that shows them apart
/// takes them from here, and cuts no text.
package protocol OperatorError: Error, CustomStringConvertible {
  /// What is wrong, without what to do about it.
  var cause: String { get }
  /// What to do about it; nil where nothing is known to help.
  var remedy: String? { get }
}

extension OperatorError {
  package var cause: String { description }
  package var remedy: String? { nil }

  /// The remedy as a sentence of its own; empty where there is none.
  package var remedySentence: String {
    guard let remedy else { return "" }
    let isName = ["named ", "chmod ", "tsig-keygen "].contains { remedy.hasPrefix($0) }
    return isName ? remedy : remedy.prefix(1).uppercased() + remedy.dropFirst()
  }
}

extension ClusterIDError: OperatorError {}
extension ConnectionError: OperatorError {}
extension DNSError: OperatorError {}
extension Disagreement: OperatorError {}
extension DomainNameError: OperatorError {}
extension EndpointError: OperatorError {}
extension FileChangeError: OperatorError {}
extension IPAddressError: OperatorError {}
extension LockError: OperatorError {}
extension LoginError: OperatorError {}
extension ManagedBlockError: OperatorError {}
extension MasterEndpointError: OperatorError {}
extension MissingToolError: OperatorError {}
extension ObservationError: OperatorError {}
extension ObservationError.Reason: OperatorError {}
extension RemoteControlError: OperatorError {}
extension SecretError: OperatorError {}
extension SyntaxError: OperatorError {}
extension TLSError: OperatorError {}
extension TextEditError: OperatorError {}
extension ToolError: OperatorError {}
extension TrustError: OperatorError {}
extension UpdateError: OperatorError {}
