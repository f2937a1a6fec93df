import FileChange
import ReconcileModel
import SystemPackage

/// Changes a plan's files in one transaction, which includes their history entry.
struct RecordedSwap {
  let proposal: Proposal
  let history: ChangeHistory?
  let journal: Journal?

  private var plan: Plan { proposal.plan }
  private var actual: ActualState { proposal.actual }

  /// Records the change in the history, before it is made and once it is.
  func carryOut() throws(PassError) -> (AppliedChanges, HistoryEntry?) {
    guard let history, !plan.files.isEmpty || !plan.updates.isEmpty else {
      return (try swap(), nil)
    }
    let entry: HistoryEntry
    do throws(FileChangeError) {
      entry = try history.begin(proposal)
    } catch {
      throw PassError("nothing was changed", error)
    }
    do throws(PassError) {
      return (try swap { () throws(FileChangeError) in try history.commit(entry) }, entry)
    } catch {
      history.abandon(entry)
      throw error
    }
  }

  private func swap(
    onceSwapped: () throws(FileChangeError) -> Void = {}
  ) throws(PassError) -> AppliedChanges {
    let configuration = actual.tree.files.first?.snapshot.metadata
    var replacements: [FileReplacement] = []
    for file in plan.files {
      switch (file.before, file.contents) {
      case (let before?, let contents?):
        replacements.append(FileReplacement(replacing: before, with: contents))
      case (let before?, nil):
        replacements.append(FileReplacement(removing: before))
      case (nil, let contents?):
        if let neighbour = actual.neighbours[file.path] {
          replacements.append(
            FileReplacement(creating: file.path, beside: neighbour, contents: contents))
        } else if let configuration {
          replacements.append(
            FileReplacement(
              creating: file.path, below: actual.tree.root.reader.root, metadata: configuration,
              contents: contents))
        }
      case (nil, nil): continue
      }
    }
    do {
      return try ChangeSet(replacements).apply(journal: journal, onceSwapped: onceSwapped)
    } catch {
      var failure = PassError("nothing was changed", error)
      failure.isOutdated = error.isOutdated
      throw failure
    }
  }
}
