import Logging
import Models
import Testing

@testable import JSONRPC

@Suite struct DiscoveryTests {
    let registry = testRegistry(Traces())

    func document() async throws -> JSONValue {
        let method = try #require(registry.sealed()["rpc.discover"])
        let context = RPCContext(
            principal: Principal(name: "p", scopes: []), method: "rpc.discover", logger: .init(label: "t"),
            peer: .unknown)
        return try await method.handler(context, [:])
    }

    @Test("The document is OpenRPC 1.3 and lists every method, itself included")
    func shape() async throws {
        let document = try await document()
        #expect(document["openrpc"]?.stringValue?.hasPrefix("1.3.") == true)
        #expect(document["info"]?["title"] == "test-service")
        #expect(document["info"]?["version"] == "1.2.3")
        let names = try #require(document["methods"]?.arrayValue).compactMap { $0["name"]?.stringValue }
        #expect(names == registry.methods.map(\.name) + ["rpc.discover"])
        #expect(document["components"]?["schemas"]?["pair"]?["type"] == "object")
    }

    @Test("Every method has a summary, params in order with schemas, a result, errors and an example")
    func methods() async throws {
        let document = try await document()
        let methods = try #require(document["methods"]?.arrayValue)
        for method in methods {
            let name = method["name"]?.stringValue ?? ""
            #expect(method["summary"]?.stringValue?.isEmpty == false, "\(name)")
            #expect(method["result"]?["name"]?.stringValue != nil, "\(name)")
            #expect(method["result"]?["schema"]?.objectValue != nil, "\(name)")
            let params = try #require(method["params"]?.arrayValue)
            for param in params {
                #expect(param["name"]?.stringValue != nil && param["schema"]?.objectValue != nil, "\(name)")
            }
            let errors = try #require(method["errors"]?.arrayValue)
            for error in errors {
                let pointer = try #require(error["$ref"]?.stringValue)
                let reference = pointer.split(separator: "/").map(String.init)
                #expect(document.value(at: reference.dropFirst())?["code"]?.integerValue != nil, "\(name)")
            }
            let example = try #require(method["examples"]?[0])
            #expect(example["name"]?.stringValue != nil && example["result"]?["value"] != nil, "\(name)")
        }
        let subtract = document["methods"]?.arrayValue?.first { $0["name"] == "test.subtract" }
        #expect(
            subtract?["params"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == [
                "minuend", "subtrahend", "unit", "note",
            ])
        #expect(subtract?["params"]?[0]?["required"] == true)
        #expect(subtract?["params"]?[2]?["required"] == false)
        #expect(subtract?["x-scope"] == "read")
    }

    @Test("The examples are calls that their methods take")
    func examples() {
        #expect(registry.problemsOfExamples() == [])
        var wrong = registry
        wrong.add(
            RPCMethod(
                "test.wrong", summary: "Has a bad example.", scope: .read, result: .any,
                example: RPCExample(params: ["x": 1], result: nil)
            ) { _, _ throws(RPCError) in nil })
        #expect(wrong.problemsOfExamples().count == 1)
    }
}
