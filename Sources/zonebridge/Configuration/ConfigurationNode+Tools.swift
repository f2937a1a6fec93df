import FileChange
import Named
import ReconcileModel
import SystemPackage

extension ConfigurationNode {
  /// Notes where BIND's programs are not in the folder that `bind.tools` names.
  func noteMissingTools() {
    guard let tools = self["bind"]?["tools"], let folder = try? tools.path() else { return }
    do throws(MissingToolError) {
      _ = try NamedTools.locate(folder)
    } catch {
      let isThere = (try? folder.stat()) != nil
      mistakes.note(
        tools.error(
          isThere ? error.cause : "there is no folder \(folder)", remedy: error.remedySentence))
    }
  }

  /// The value of a key in a section.
  private subscript(name: String) -> ConfigurationNode? {
    guard isSection else { return nil }
    return try? pairs().first { $0.name == name }?.value
  }
}
