import AsyncHTTPClient
import DCOSSimulator
import Glibc
import NIOCore
import NIOHTTP1
import TestSupport

/// An answer of a master over HTTP; the body of a chunked one put together.
struct HTTPAnswer {
  let statusLine: String
  let headers: [(name: String, value: String)]
  let body: [UInt8]

  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  var text: String { String(decoding: body, as: UTF8.self) }
}

extension SimulatedCluster {
  func get(
    _ path: String, from master: String, authorization: String? = nil
  ) async throws -> HTTPAnswer {
    var request = HTTPClientRequest(url: "http://\(master):\(httpPort)\(path)")
    if let authorization {
      request.headers.add(name: "Authorization", value: authorization)
    }
    return try await answer(to: request)
  }

  func post(
    _ path: String, to master: String, contentType: String = "application/json", _ body: String
  ) async throws -> HTTPAnswer {
    var request = HTTPClientRequest(url: "http://\(master):\(httpPort)\(path)")
    request.method = .POST
    request.headers.add(name: "Content-Type", value: contentType)
    request.body = .bytes(ByteBuffer(string: body))
    return try await answer(to: request)
  }

  private func answer(to request: HTTPClientRequest) async throws -> HTTPAnswer {
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
    let body = try await response.body.collect(upTo: 64 << 20)
    return HTTPAnswer(
      statusLine: "HTTP/\(response.version.major).\(response.version.minor) \(response.status)",
      headers: response.headers.map { ($0.name, $0.value) },
      body: Array(body.readableBytesView))
  }

  /// Whether a connection to a master's HTTP port is refused.
  func httpIsClosed(at master: String) async throws -> Bool {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    let url = "http://\(master):\(httpPort)/"
    return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
      do {
        _ = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(1))
        return false
      } catch {
        return (error as? IOError)?.errnoCode == ECONNREFUSED
      }
    }
  }

  /// What dig prints of a question to a master.
  func dig(_ arguments: String..., at master: String) async throws -> String {
    let result = try await run(
      "dig", arguments: ["@\(master)", "-p", "\(dnsPort)", "+tries=1", "+time=5"] + arguments)
    return result.standardOutput
  }
}
