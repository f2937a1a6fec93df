import ReconcileModel

extension PassError {
  static func throwIfStopped() throws(PassError) {
    if Task.isCancelled { throw stopped }
  }

  /// The same before any file is replaced: a checker or a question that was ended by the stop has not failed.
  var unlessStopped: PassError { Task.isCancelled ? .stopped : self }
}
