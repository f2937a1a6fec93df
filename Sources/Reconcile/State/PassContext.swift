package import FileChange
package import Named
package import ReconcileModel

/// What the steps of a pass work with, whatever is wanted.
package struct PassContext: Sendable {
  /// BIND's own programs.
  package let tools: NamedTools
  /// Where the state is kept; nil to remember nothing.
  package let state: StateDirectory?
  /// Where scratch folders are made; nil for the system's place.
  package let scratch: PrivateFolder?
  /// How long to wait for named to serve a change.
  package let patience: Duration
  /// Called after each step.
  package let progress: @Sendable (PassStep) -> Void

  package init(
    tools: NamedTools, state: StateDirectory? = nil, holdsLock: Bool = false,
    patience: Duration = .seconds(10), progress: @escaping @Sendable (PassStep) -> Void = { _ in }
  ) {
    self.tools = tools
    self.state = state
    // The holder of the lock may also remove what interrupted processes left there.
    scratch = holdsLock ? try? state?.folder() : nil
    self.patience = patience
    self.progress = progress
  }
}
