import Named
import ReconcileModel

/// What named said of zones on its control channel, or why it said nothing.
typealias ZoneAnswers = [ZoneInView: Result<ZoneStatus, RemoteControlError>]

extension RemoteControl {
  /// Asks named about zones, side by side.
  ///
  /// - Parameters:
  ///   - zones: The zones.
  ///   - limit: How many rndc are run at a time.
  /// - Returns: What named says of each.
  func answers(
    on zones: some Collection<ZoneInView> & Sendable, atMost limit: Int
  ) async -> ZoneAnswers {
    let answers = await concurrentMap(zones, atMost: limit) { zone in
      do throws(RemoteControlError) {
        return (
          zone,
          Result<ZoneStatus, RemoteControlError>.success(
            try await zoneStatus(zone: zone.name, view: zone.view))
        )
      } catch {
        return (zone, .failure(error))
      }
    }
    return Dictionary(answers) { answer, _ in answer }
  }

  /// What named says of itself, or why it says nothing.
  func statusResult() async -> Result<NamedStatus, RemoteControlError> {
    do {
      return .success(try await status())
    } catch {
      return .failure(error)
    }
  }
}
