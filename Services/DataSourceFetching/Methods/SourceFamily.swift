import Definitions
import JSONRPC
import LiveVersions
import Models

/// `dataSources.*`: what a data source may be, and what may change while journeys use it.
enum SourceFamily {
    static func make(
        store: DefinitionStore, sealing: SecretSealing, cache: DefinitionCache<DataSourceDefinition>
    ) -> DefinitionFamily<DataSourceDefinition> {
        var family = DefinitionFamily(
            DataSourceDefinition.self, kind: .dataSources, store: store, sealing: sealing, title: "data source",
            members: members, example: example)
        family.validate = { new, _, _ in problems(new) }
        family.changeInUse = { old, new in removals(old, new) }
        family.breaks = { change, lookup throws(DefinitionError) in
            try await ChangeCheck().breakage(by: change, lookup: lookup)
        }
        family.written = { _ async throws(DefinitionError) in try await cache.refresh() }
        return family
    }

    static let members: [RPCParameter] = [
        .required("name", .name, "The identifier that expressions use: #{name.group.field}."),
        .optional("description", .string, "What it is for."),
        .optional(
            "authentication",
            .object(
                [
                    ("type", .choice("none", "basic", "apiKey", "custom", "customAuthorization")), ("user", .string),
                    ("password", .string),
                    ("name", .string), ("value", .string), ("in", .choice("header", "query")),
                    ("endpoint", .string), ("method", .choice("GET", "POST")), ("headers", .object),
                    ("body", .object), ("tokenInResponse", .string), ("authorizationType", .string),
                    ("tokenTarget", .string), ("cacheDuration", .object),
                ], required: ["type"]),
            """
            How Sojourn shows who it is: none, basic (user, password), apiKey (name, value, in) or custom (endpoint, \
            method, headers, body {bodyType, bodyParams}, tokenInResponse, authorizationType, tokenTarget, \
            cacheDuration).
            """),
        .required("groups", .array(of: group), "The field groups, each fetched by one request."),
    ]

    private static let group = RPCSchema.object(
        [
            ("name", .name), ("method", .choice("GET", "POST")), ("url", .string), ("parameters", .array(of: .string)),
            ("headers", .object), ("body", .any), ("sample", .any), ("cache", .duration), ("timeout", .duration),
        ], required: ["name", "url"])

    static let example: JSONObject = [
        "name": "loyalty", "authentication": ["type": "none"],
        "groups": [
            [
                "name": "account", "method": "GET", "url": "https://loyalty.example/v1/members/{memberId}",
                "parameters": ["memberId"], "headers": ["Accept": "application/json"],
                "sample": ["tier": "gold", "points": 120], "cache": "PT1M", "timeout": "PT2S",
            ]
        ],
    ]

    /// What is wrong beyond the document's own shape: every place that takes a parameter must name one.
    static func problems(_ source: DataSourceDefinition) -> [Problem] {
        source.groups.enumerated().flatMap { place, group -> [Problem] in
            let known = Set(group.parameters)
            let path = "/groups/\(place)"
            var problems = Placeholders.inURL(group.url).filter { !known.contains($0) }.map {
                Problem(path: path + "/url", message: "names {\($0)}, which is none of the parameters")
            }
            problems += (group.body.map(Placeholders.inJSON) ?? []).filter { !known.contains($0) }.map {
                Problem(path: path + "/body", message: "names the parameter \($0), which is none of the parameters")
            }
            if known.count < group.parameters.count {
                problems.append(Problem(path: path + "/parameters", message: "names a parameter twice"))
            }
            return problems
        }
    }

    /// What a change takes away from journeys that use the source: groups, fields, or the way to ask for them.
    static func removals(_ old: DataSourceDefinition, _ new: DataSourceDefinition) -> [Problem] {
        old.groups.flatMap { group -> [Problem] in
            guard let place = new.groups.firstIndex(where: { $0.name == group.name }) else {
                return [Problem(path: "/groups", message: "must keep the group \(group.name)")]
            }
            let path = "/groups/\(place)"
            var problems: [Problem] = []
            if Set(group.parameters) != Set(new.groups[place].parameters) {
                problems.append(
                    Problem(path: path + "/parameters", message: "must stay, as journeys give these parameters"))
            }
            removed(group.sample, new.groups[place].sample, path + "/sample", &problems)
            return problems
        }
    }

    private static func removed(_ old: JSONValue, _ new: JSONValue, _ path: String, _ problems: inout [Problem]) {
        switch (old, new) {
        case (.object(let old), .object(let new)):
            for (key, value) in old {
                if let other = new[key] {
                    removed(value, other, "\(path)/\(key)", &problems)
                } else {
                    problems.append(Problem(path: path, message: "must keep the field \(key)"))
                }
            }
        case (.array(let old), .array(let new)):
            if let old = old.first, let new = new.first { removed(old, new, path + "/0", &problems) }
        case (.null, _): break
        default:
            if old.typeName != new.typeName {
                problems.append(Problem(path: path, message: "must stay of type \(old.typeName)"))
            }
        }
    }
}
