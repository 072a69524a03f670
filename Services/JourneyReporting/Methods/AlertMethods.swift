import Definitions
import Foundation
import JSONRPC
import Models
import Redis

extension DefinitionKind {
    /// Alerts, with the secret that signs what their webhooks are sent.
    static let alerts = DefinitionKind(name: "alerts", singular: "alert", secretPaths: [["webhook", "secret"]])
}

/// `alerts.*`: the family, with the state of each alert in its answers, `alerts.history` and `alerts.test`.
struct AlertMethods {
    let store: DefinitionStore
    let sealing: SecretSealing
    let states: AlertStore
    let webhook: Webhook
    let clock: @Sendable () -> Int64

    private static let members: [RPCParameter] = [
        .required("name", .name, "Letters, digits, _ and -."),
        .optional("description", .string, "For people."),
        .required("kind", .choice(AlertDefinition.Kind.allCases.map(\.rawValue)), "What is watched."),
        .optional("journey", .string, "For all kinds but queueAge and deadLetters; all journeys by default."),
        .optional("queue", .string, "For queueAge and deadLetters: a name of queues.list."),
        .optional(
            "threshold", .number,
            "errorRate: a part from 0 to 1; queueAge: seconds; else a number. Out of bounds from it on, nobodyEntered "
                + "up to it (0 by default); brokenJourneys: 1 by default."),
        .optional("window", .duration, "The time looked back on: whole minutes up to a day; PT10M by default."),
        .optional("enabled", .boolean, "True by default."),
        .required("webhook", .object, "{url, secret}: the secret is whsec_ and 24 to 64 bytes in base64."),
    ]

    private static let example: JSONObject = [
        "name": "manyErrors", "kind": "errorRate", "journey": "welcome", "threshold": 0.05, "window": "PT10M",
        "webhook": ["url": "https://ops.example/hooks"],
    ]

    var family: DefinitionFamily<AlertDefinition> {
        var family = DefinitionFamily<AlertDefinition>(
            kind: .alerts, store: store, sealing: sealing, title: "alert", members: Self.members,
            example: Self.example)
        let (store, states) = (store, states)
        family.validate = { _, old, _ throws(DefinitionError) in
            guard old == nil, try await store.all(.alerts).count >= AlertLimits.alertsMax else { return [] }
            throw DefinitionError(.tooMany, "There are \(AlertLimits.alertsMax) alerts, which is the most.")
        }
        // What an answer shows beside the definition may come back with it.
        family.complete = { document, _ throws(DefinitionError) in
            for member in AlertDefinition.shownMembers { document[member] = nil }
            return [:]
        }
        family.present = { shown in
            guard let state = shown["name"]?.stringValue.flatMap({ states.state(of: $0) }) else {
                return shown.merged(["state": .string(AlertState.Word.ok.rawValue)])
            }
            return shown.merged(state.shown)
        }
        return family
    }

    func register(in registry: inout MethodRegistry) {
        registry.add(family.methods)
        registry.add(historyMethod, testMethod)
    }

    private var historyMethod: RPCMethod {
        RPCMethod(
            "alerts.history", summary: "How an alert's state changed, newest first; the newest 100.", scope: .read,
            params: [.required("name", .name, "The alert.")], result: .page(of: .object), errors: [.notFound],
            example: RPCExample(
                params: ["name": "manyErrors"],
                result: ["items": [["at": "2026-01-01T00:00:00.000Z", "state": "firing", "value": 0.2]]])
        ) { _, params throws(RPCError) in
            let alert = try await alert(params)
            do { return ["items": .array(try await states.changes(of: alert.name))] } catch {
                throw .unavailable("The history cannot be read.", cause: error)
            }
        }
    }

    private var testMethod: RPCMethod {
        RPCMethod(
            "alerts.test", summary: "Tells the webhook that this is a test, once, and shows what it answered.",
            scope: .admin, params: [.required("name", .name, "The alert.")],
            result: .object(
                [("delivered", .boolean), ("status", .string), ("durationMs", .integer)],
                required: ["delivered", "status", "durationMs"]),
            errors: [.notFound],
            example: RPCExample(
                params: ["name": "manyErrors"], result: ["delivered": true, "status": "http_204", "durationMs": 12])
        ) { _, params throws(RPCError) in
            let alert = try await alert(params)
            let began = clock()
            let result = await webhook.tell(
                alert, id: "test-\(UUID().uuidString.lowercased())", alert.message("test", at: began, value: nil))
            return [
                "delivered": .bool(result.delivered), "status": .string(result.status),
                "durationMs": .integer(max(0, clock() - began)),
            ]
        }
    }

    private func alert(_ params: JSONObject) async throws(RPCError) -> AlertDefinition {
        let name = params["name"]?.stringValue ?? ""
        do {
            if let alert = try await store.get(.alerts, name).map({ try AlertDefinition($0.document) }) { return alert }
        } catch { throw .unavailable("The alert cannot be read.", cause: error) }
        throw .notFound("alert \(name)")
    }
}

extension JSONObject {
    fileprivate func merged(_ other: JSONObject) -> JSONObject {
        var result = self
        result.merge(other)
        return result
    }
}
