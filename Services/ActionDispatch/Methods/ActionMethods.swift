import Definitions
import Foundation
import HTTPClient
import JSONRPC
import Models
import Outbound

/// `actions.*`: the family, and `actions.test`, which makes a real call and shows it.
struct ActionMethods {
    let family: DefinitionFamily<ActionDefinition>
    let client: OutboundClient
    let tokens: TokenKeeper

    static let members: [RPCParameter] = [
        .required("name", .name, "Letters, digits, _ and -."),
        .optional("description", .string, "For people."),
        .optional("method", .choice("GET", "POST", "PUT", "PATCH", "DELETE"), "Default POST."),
        .required("url", .string, "With {parameter} where a value goes into the path."),
        .optional("headers", .object, "Values are strings or {\"param\": name}."),
        .optional("query", .object, "Values are strings or {\"param\": name}; null ones are left out."),
        .optional(
            "authentication", .object,
            """
            {type: none}, {type: basic, user, password}, {type: apiKey, name, value, in} or {type: custom, …}: a \
            token of an endpoint, as of data sources.
            """),
        .optional("parameters", .array(of: .object), "{name, type, required, allowNull}."),
        .optional("body", .any, "JSON with {\"param\": name} where a value goes."),
        .optional("response", .any, "A sample of the answer to success."),
        .optional("errorResponse", .any, "A sample of the answer to failure."),
        .optional("retries", .integer(0...10), "Attempts after the first; default 3."),
        .optional("timeout", .duration, "For all attempts together; default: the journey's."),
    ]

    static let example: JSONObject = [
        "name": "smsGateway", "method": "POST", "url": "https://sms.example/send/{region}",
        "parameters": [
            ["name": "to", "type": "string", "required": true], ["name": "text", "type": "string"],
            ["name": "region", "type": "string"],
        ],
        "body": ["to": ["param": "to"], "message": ["body": ["param": "text"]]], "response": ["id": "m-1"],
        "retries": 3,
    ]

    /// Parameters of an action in use may be added, not taken away or given another type.
    static func changeInUse(_ old: ActionDefinition, _ new: ActionDefinition) -> [Problem] {
        old.parameters.compactMap { parameter in
            guard let same = new.parameters.first(where: { $0.name == parameter.name }) else {
                return Problem(path: "/parameters", message: "the parameter \(parameter.name) is in use and must stay")
            }
            if same.type != parameter.type {
                return Problem(
                    path: "/parameters", message: "the parameter \(parameter.name) is in use and keeps its type")
            }
            return nil
        }
            + new.parameters.filter { parameter in
                parameter.isRequired && !old.parameters.contains { $0.name == parameter.name }
            }.map {
                Problem(
                    path: "/parameters",
                    message: "the new parameter \($0.name) cannot be required, as journeys do not give it")
            }
    }

    func register(in registry: inout MethodRegistry) {
        registry.add(family.methods)
        registry.add(
            RPCMethod(
                "actions.test", summary: "Makes a real call with these parameters and shows request and answer.",
                description: """
                    Secrets are masked; nothing is retried; no journey is concerned. `note` says what of the answer a \
                    journey could not keep: `responseTooLarge`, `invalidResponse` (no JSON), or `repeatedKey`, where \
                    the last one counts.
                    """, scope: .admin,
                params: [
                    .required("name", .name, "The action."),
                    .optional("parameters", .object, "Values of its parameters."),
                ],
                result: .object(
                    [("request", .object), ("response", .object), ("note", .string), ("error", .string)]),
                errors: [.notFound],
                example: RPCExample(
                    params: ["name": "smsGateway", "parameters": ["to": "+1", "text": "hello", "region": "eu"]],
                    result: [
                        "request": ["method": "POST", "url": "https://sms.example/send/eu"],
                        "response": ["status": 200, "body": ["id": "m-1"]],
                    ])
            ) { _, params throws(RPCError) in try await test(params) })
    }

    private func test(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let name = params["name"]?.stringValue ?? ""
        let parameters = params["parameters"]?.objectValue ?? JSONObject()
        let action: ActionDefinition
        var request: HTTPRequest
        let shown: HTTPRequest
        let secrets: [String]
        do {
            guard let stored = try await family.store.get(.actions, name) else {
                throw RPCError.notFound("action \(name)")
            }
            action = try ActionDefinition(stored.document)
            let key = "test-\(UUID().uuidString.lowercased())"
            let timeout = Duration.milliseconds(action.timeoutMilliseconds ?? 5_000)
            let authentication = try await tokens.opened(action.authentication, within: timeout)
            secrets = authentication.secretTexts
            request = try ActionCall.request(
                action, parameters: parameters, idempotencyKey: key, authentication: authentication)
            shown = try ActionCall.request(
                action, parameters: parameters, idempotencyKey: key, authentication: action.authentication.masked)
        } catch let error as RPCError {
            throw error
        } catch let problem as CallProblem {
            let word = problem.code == .missingParameter ? "is needed" : "has a value that cannot stand there"
            throw .invalidParams(path: "/parameters/\(problem.parameter)", message: word)
        } catch let failure as TokenFailure {
            if case .sealing(let error) = failure { throw RPCError(error) }
            return ["error": .string(TokenFailure.code)]
        } catch let error as DefinitionError {
            throw RPCError(error)
        } catch {
            throw .internalError(cause: error)
        }
        var answer: JSONObject = ["request": Self.view(shown)]
        request.timeout = .milliseconds(action.timeoutMilliseconds ?? 5_000)
        do {
            let response = try await client.send(request)
            let read = PartnerAnswer(response)
            let body =
                read.value ?? .string(String(decoding: response.body.prefix(65_536), as: UTF8.self))
            answer["response"] = [
                "status": JSONValue(response.status), "body": SecretHiding.hide(secrets, in: body),
            ]
            switch read {
            case .unreadable(let note): answer["note"] = .string(note.rawValue)
            case .json(_, repeatsKeys: true): answer["note"] = .string(PartnerAnswer.Note.repeatedKey.rawValue)
            case .json, .empty: break
            }
        } catch {
            answer["error"] = .string(error.description)
        }
        return .object(answer)
    }

    private static func view(_ request: HTTPRequest) -> JSONValue {
        let headers = JSONObject(request.headers.map { ($0.name, .string($0.value)) })
        var object: JSONObject = [
            "method": .string(request.method.rawValue), "url": .string(request.url), "headers": .object(headers),
        ]
        if let body = request.body { object["body"] = (try? JSONValue.parse(body)) ?? .null }
        return .object(object)
    }
}
