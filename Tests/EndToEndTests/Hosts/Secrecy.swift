import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport
import Testing

extension Host {
  /// Looks for the cluster's secret key in every file that the test made.
  func expectNoSecret() throws {
    try expectNone(of: [SimulatedCluster.Configuration.publishedSecretKey])
  }

  /// Looks for secrets in every file that the test made, but for those that it put them into.
  func expectNone(of secrets: [String], besides own: [String] = []) throws {
    let secrets = secrets.map { Data($0.utf8) }
    let files = FileManager.default.enumerator(atPath: named.folder.path.string)
    var count = 0
    while let name = files?.nextObject() as? String {
      let path = named.folder.path.appending(name).string
      guard !own.contains(name), let contents = FileManager.default.contents(atPath: path) else {
        continue
      }
      count += 1
      for secret in secrets {
        #expect(contents.range(of: secret) == nil, "a secret is in \(name)")
      }
    }
    #expect(count > 3)
  }
}
