import ReconcileModel

extension PassError {
  static func throwIfStopped() throws(PassError) {
    if Task.isCancelled { throw stopped }
  }
}
