import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

extension Host {
  /// Looks for the cluster's secret key in every file that the test made.
  func expectNoSecret() throws {
    let secret = Data(SimulatedCluster.Configuration.publishedSecretKey.utf8)
    let files = FileManager.default.enumerator(atPath: named.folder.path.string)
    var count = 0
    while let name = files?.nextObject() as? String {
      let path = named.folder.path.appending(name).string
      guard let contents = FileManager.default.contents(atPath: path) else { continue }
      count += 1
      #expect(contents.range(of: secret) == nil, "the secret key is in \(name)")
    }
    #expect(count > 3)
  }
}
