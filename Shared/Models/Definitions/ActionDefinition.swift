/// A custom action: an HTTP call that a journey makes.
package struct ActionDefinition: Definition, Hashable {
    package static let kind = "actions"

    package enum ParameterType: String, Sendable, CaseIterable {
        case string, integer, decimal, boolean, dateOnly, dateTimeOnly, dateTime, duration
        case listString, listInteger, listDecimal, any
    }

    package struct Parameter: Sendable, Hashable {
        package let name: String
        package let type: ParameterType
        package let isRequired: Bool
        /// A null is sent as null and not left out.
        package let allowsNull: Bool

        package init(name: String, type: ParameterType, isRequired: Bool, allowsNull: Bool) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
            self.allowsNull = allowsNull
        }
    }

    package let name: String
    package let description: String?
    package let method: String
    /// With `{parameter}` where a value goes into the path.
    package let url: String
    /// Values are strings, or `{"param": "name"}`.
    package let headers: JSONObject
    package let query: JSONObject
    package let authentication: EndpointAuthentication
    package let parameters: [Parameter]
    /// JSON with `{"param": "name"}` where a value goes; nil for no body.
    package let body: JSONValue?
    /// A sample of the answer to success, from which the types of its fields are read.
    package let response: JSONValue
    package let errorResponse: JSONValue
    /// Further attempts after the first.
    package let retries: Int64
    /// For all attempts together; nil: the journey's.
    package let timeoutMilliseconds: Int64?
    package let revision: Int64
    package let document: JSONObject

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        name = reader.name()
        description = reader.string("description", lengthMax: 4_096)
        method = reader.string("method") ?? "POST"
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(method) {
            reader.report("method", "must be GET, POST, PUT, PATCH or DELETE")
        }
        url = reader.requiredString("url", lengthMax: 4_096)
        if !url.isEmpty, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            reader.report("url", "must begin with http:// or https://")
        }
        headers = reader.object("headers") ?? JSONObject()
        query = reader.object("query") ?? JSONObject()
        authentication = EndpointAuthentication(&reader)
        parameters = Self.parameters(&reader)
        body = reader.value("body")
        response = reader.value("response") ?? .object(JSONObject())
        errorResponse = reader.value("errorResponse") ?? .object(JSONObject())
        retries = reader.integer("retries", in: 0...10) ?? 3
        timeoutMilliseconds = reader.duration("timeout", in: 1...86_400_000)
        reader.refuseUnknown()
        Self.checkPlaceholders(&reader, parameters: Set(parameters.map(\.name)))
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }

    private static func parameters(_ reader: inout ObjectReader) -> [Parameter] {
        var parameters: [Parameter] = []
        for (place, item) in (reader.array("parameters", countMax: 200) ?? []).enumerated() {
            var part = ObjectReader(item, path: reader.pointer("parameters") + "/\(place)")
            let parameter = Parameter(
                name: part.name(), type: part.choice("type", ParameterType.self) ?? .string,
                isRequired: part.bool("required") ?? false, allowsNull: part.bool("allowNull") ?? false)
            part.refuseUnknown()
            if parameters.contains(where: { $0.name == parameter.name }) {
                part.report("name", "is the name of an earlier parameter")
            }
            parameters.append(parameter)
            reader.report(part.problems)
        }
        return parameters
    }

    /// Every place that takes a parameter must name one that there is.
    private static func checkPlaceholders(_ reader: inout ObjectReader, parameters: Set<String>) {
        for name in Placeholders.inURL(reader.object["url"]?.stringValue ?? "") where !parameters.contains(name) {
            reader.report("url", "names {\(name)}, which is none of the parameters")
        }
        for key in ["headers", "query", "body"] {
            for name in Placeholders.inJSON(reader.object[key] ?? .null) where !parameters.contains(name) {
                reader.report(key, "names the parameter \(name), which is none of the parameters")
            }
        }
    }
}

/// Places in a definition where a parameter's value goes.
package enum Placeholders {
    /// The names in braces of an URL, in order.
    package static func inURL(_ url: String) -> [String] {
        var names: [String] = []
        var rest = url[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            names.append(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        return names
    }

    /// The name where the value is exactly `{"param": "name"}`.
    package static func parameter(_ value: JSONValue) -> String? {
        guard case .object(let object) = value, object.count == 1 else { return nil }
        return object["param"]?.stringValue
    }

    /// All names in a JSON value, in order.
    package static func inJSON(_ value: JSONValue) -> [String] {
        if let name = parameter(value) { return [name] }
        switch value {
        case .object(let object): return object.flatMap { inJSON($0.value) }
        case .array(let items): return items.flatMap(inJSON)
        default: return []
        }
    }
}
