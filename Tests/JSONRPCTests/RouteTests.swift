import Models
import Synchronization
import Testing

@testable import JSONRPC

@Suite struct RouteTests {
    static func routes() -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.on(.post, "/collection/{inletId}") { call throws(HTTPRefusal) in
            let body = try await call.body(bytesMax: 10)
            return .json([
                "inlet": JSONValue(call.parameter("inletId")), "bytes": JSONValue(body.count),
                "q": JSONValue(call.queryItem("q")),
            ])
        }
        routes.on(.post, "/collection/batch/{inletId}") { call throws(HTTPRefusal) in
            .json(["batch": JSONValue(call.parameter("inletId"))], status: 207)
        }
        routes.on(.options, "/collection/{inletId}") { call throws(HTTPRefusal) in
            .empty(status: 204).adding("access-control-allow-origin", call.header("ORIGIN") ?? "none")
        }
        routes.on(.get, "/private") { call throws(HTTPRefusal) in
            .text(try await call.require(.design).name)
        }
        routes.on(.get, "/live") { _ throws(HTTPRefusal) in
            .stream(type: "text/event-stream") { writer in
                for number in 0..<3 { try? await writer.write(Array("data: \(number)\n\n".utf8)) }
            }
        }
        return routes
    }

    @Test("A service's own routes stand beside /rpc")
    func ownRoutes() async throws {
        try await TestService.run(routes: Self.routes()) { service async throws in
            let one = try await service.post("hello", key: nil, type: nil, path: "/collection/a%20b?x=1&q=c+d%21")
            #expect(one.json == ["inlet": "a b", "bytes": 5, "q": "c d!"])
            let batch = try await service.post("hello", path: "/collection/batch/web")
            #expect(batch.status == 207 && batch.json == ["batch": "web"])
            #expect(try await service.post("hello world", path: "/collection/web").status == 413)
            #expect(try await service.post("hello", path: "/collection/").status == 404)
            #expect(try await service.post("hello", path: "/collection/%zz").status == 404)
            #expect(
                try await service.request("OPTIONS", "/collection/web").header("access-control-allow-origin") == "none")
            let refused = try await service.request("GET", "/collection/web")
            #expect(refused.status == 405 && refused.header("allow") == "POST, OPTIONS")
            #expect(try await service.request("GET", "/nothing").status == 404)
        }
    }

    @Test("A route that asks for a scope answers 401 and 403")
    func scopes() async throws {
        try await TestService.run(routes: Self.routes()) { service async throws in
            #expect(try await service.request("GET", "/private").status == 401)
            #expect(try await service.request("GET", "/private", key: "sk_read").status == 403)
            #expect(try await service.request("GET", "/private", key: "sk_design").text == "design")
        }
    }

    @Test("A streamed answer comes in chunks")
    func stream() async throws {
        try await TestService.run(routes: Self.routes()) { service async throws in
            let answer = try await service.request("GET", "/live")
            #expect(answer.header("transfer-encoding") == "chunked")
            #expect(answer.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n")
        }
    }

    @Test("Health is open to all; readiness is 503 with the reason")
    func health() async throws {
        try await TestService.run { service async throws in
            #expect(try await service.request("GET", "/health/live").status == 200)
            #expect(try await service.request("GET", "/health/ready").status == 200)
            #expect(try await service.request("HEAD", "/health/ready").status == 200)
            service.readiness.notReady.withLock { $0 = "Redis is away." }
            let answer = try await service.request("GET", "/health/ready")
            #expect(answer.status == 503 && answer.json?["reason"] == "Redis is away.")
            #expect(try await service.request("GET", "/health/live").status == 200)
            #expect(try await service.request("POST", "/health/live").header("allow") == "GET")
        }
    }

    @Test("Metrics and version need a caller that may read")
    func operations() async throws {
        try await TestService.run { service async throws in
            for path in ["/metrics", "/version"] {
                #expect(try await service.request("GET", path).status == 401)
                #expect(try await service.request("GET", path, key: "sk_ingest").status == 403)
            }
            let metrics = try await service.request("GET", "/metrics", key: "sk_read")
            #expect(metrics.text == "up 1\n" && metrics.header("content-type")?.hasPrefix("text/plain") == true)
            let version = try await service.request("GET", "/version", key: "sk_read")
            #expect(version.json == ["service": "test-service", "version": "1.2.3"])
        }
    }
}
