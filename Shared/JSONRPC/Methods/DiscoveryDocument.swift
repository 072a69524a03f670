import Models

extension MethodRegistry {
    /// The OpenRPC 1.3 document: every method with its params in order, result, errors, scope and an example.
    package func discoveryDocument() -> JSONValue {
        var document: JSONObject = [
            "openrpc": "1.3.2",
            "info": [
                "title": .string(service), "version": .string(version), "description": .string(summary),
                "license": ["name": "Apache-2.0"],
            ],
            "servers": [["name": .string(service), "url": "/rpc"]],
            "methods": .array(methods.map { $0.discovery }),
        ]
        var parts: JSONObject = [
            "errors": .object(
                JSONObject(RPCErrorCode.allCases.map { (RPCMethod.errorName($0), RPCMethod.errorObject($0)) }))
        ]
        if !components.isEmpty {
            parts["schemas"] = .object(JSONObject(components.map { ($0.name, JSONValue.object($0.schema.json)) }))
        }
        document["components"] = .object(parts)
        return .object(document)
    }
}

extension RPCMethod {
    /// What any method may answer.
    static let commonErrors: [RPCErrorCode] = [.invalidParams, .internalError, .forbidden, .unavailable]

    var discovery: JSONValue {
        var method: JSONObject = ["name": .string(name), "summary": .string(summary)]
        if let description { method["description"] = .string(description) }
        method["tags"] = [["name": .string(String(name.prefix { $0 != "." }))]]
        method["paramStructure"] = "either"
        method["params"] = .array(params.map(Self.descriptor))
        method["result"] = ["name": "result", "schema": .object(result.json)]
        let all = Self.commonErrors + errors.filter { !Self.commonErrors.contains($0) }
        method["errors"] = .array(
            all.map { ["$ref": .string("#/components/errors/\(Self.errorName($0))")] })
        method["examples"] = [
            [
                "name": .string(example.name),
                "params": .array(exampleParams),
                "result": ["name": "result", "value": example.result],
            ]
        ]
        if let scope { method["x-scope"] = .string(scope.rawValue) }
        return .object(method)
    }

    private var exampleParams: [JSONValue] {
        example.params.map { ["name": .string($0.key), "value": $0.value] }
    }

    private static func descriptor(_ parameter: RPCParameter) -> JSONValue {
        [
            "name": .string(parameter.name), "summary": .string(parameter.summary),
            "required": .bool(parameter.isRequired), "schema": .object(parameter.schema.json),
        ]
    }

    static func errorName(_ code: RPCErrorCode) -> String { "\(code)" }

    static func errorObject(_ code: RPCErrorCode) -> JSONValue {
        ["code": JSONValue(code.rawValue), "message": .string(code.meaning)]
    }
}
