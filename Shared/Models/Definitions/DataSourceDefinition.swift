/// A place to look data up: an external system, with the field groups that one request each fetches.
package struct DataSourceDefinition: Definition, Hashable {
    package static let kind = "dataSources"

    package struct Group: Sendable, Hashable {
        package let name: String
        /// `GET` or `POST`.
        package let method: String
        /// With `{parameter}` where a value goes into the path; the other parameters go into the query.
        package let url: String
        package let parameters: [String]
        package let headers: [Header]
        /// Of a POST: JSON with `{"param": "name"}` where a value goes.
        package let body: JSONValue?
        /// A pasted answer, from which the types of the fields are read.
        package let sample: JSONValue
        /// How long an answer may be used again, in milliseconds; 0 for not at all.
        package let cacheMilliseconds: Int64
        package let timeoutMilliseconds: Int64
    }

    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    package let name: String
    package let description: String?
    package let authentication: EndpointAuthentication
    package let groups: [Group]
    package let revision: Int64
    package let document: JSONObject

    package func group(_ name: String) -> Group? { groups.first { $0.name == name } }

    package init(_ document: JSONObject) throws(InvalidDocument) {
        var reader = ObjectReader(document)
        name = reader.name()
        if ["profile", "ExperiencePlatform"].contains(name) {
            reader.report("name", "is the built-in profile source; choose another name")
        }
        description = reader.string("description", lengthMax: 4_096)
        authentication = EndpointAuthentication(&reader)
        var groups: [Group] = []
        for (place, item) in (reader.array("groups", countMax: 100) ?? []).enumerated() {
            var part = ObjectReader(item, path: reader.pointer("groups") + "/\(place)")
            let group = Group(&part)
            if groups.contains(where: { $0.name == group.name }) {
                part.report("name", "is the name of an earlier group of this source")
            }
            groups.append(group)
            reader.report(part.problems)
        }
        if groups.isEmpty { reader.report("groups", "must hold at least one field group") }
        self.groups = groups
        reader.refuseUnknown()
        revision = document["revision"]?.integerValue ?? 0
        self.document = document
        _ = try reader.finish(())
    }
}

extension DataSourceDefinition.Group {
    init(_ reader: inout ObjectReader) {
        name = reader.name()
        method = reader.string("method") ?? "GET"
        if !["GET", "POST"].contains(method) { reader.report("method", "must be GET or POST") }
        url = reader.requiredString("url", lengthMax: 4_096)
        if !url.isEmpty, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            reader.report("url", "must begin with http:// or https://")
        }
        parameters = reader.strings("parameters", countMax: 100) ?? []
        headers = reader.stringMap("headers").map { .init(name: $0.name, value: $0.value) }
        body = reader.value("body")
        if body != nil, method == "GET" { reader.report("body", "is for POST only") }
        sample = reader.value("sample") ?? .object(JSONObject())
        cacheMilliseconds = reader.duration("cache", in: 0...86_400_000) ?? 0
        timeoutMilliseconds = reader.duration("timeout", in: 1...30_000) ?? 5_000
        reader.refuseUnknown()
    }
}
