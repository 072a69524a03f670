/// Asks `data-source-fetching` for field groups that a node needs, or for places under a cap.
package struct FetchRequest: Sendable, Hashable {
    package struct Lookup: Sendable, Hashable {
        /// What the answer is filed under: made by the expression from source, group and parameters.
        package let key: String
        package let source: String
        package let group: String
        package let parameters: JSONObject
        /// Paths below the group that the plan reads, as `a.b`; nothing else comes back.
        package let fields: [String]

        package init(key: String, source: String, group: String, parameters: JSONObject, fields: [String]) {
            self.key = key
            self.source = source
            self.group = group
            self.parameters = parameters
            self.fields = fields
        }
    }

    /// A place among the first so many people that a path of a version takes, asked for one instance: asking twice is
    /// asking once, and the answer stays.
    package struct Place: Sendable, Hashable {
        /// What the answer, true or false, is filed under.
        package let key: String
        /// `<journey>:<version>:<node>:<path>`, of a test or dry run with its id in front.
        package let name: String
        /// How many there are.
        package let limit: Int64
        package let instance: String

        package init(key: String, name: String, limit: Int64, instance: String) {
            self.key = key
            self.name = name
            self.limit = limit
            self.instance = instance
        }
    }

    package let id: String
    package let origin: RequestOrigin
    package let lookups: [Lookup]
    package let places: [Place]
    /// For all attempts together, counted from the claim.
    package let timeoutMilliseconds: Int64

    package init(
        id: String, origin: RequestOrigin, lookups: [Lookup], places: [Place] = [], timeoutMilliseconds: Int64
    ) {
        self.id = id
        self.origin = origin
        self.lookups = lookups
        self.places = places
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("id")
        origin = try RequestOrigin(reader)
        timeoutMilliseconds = try reader.integer("timeoutMs")
        var lookups: [Lookup] = []
        for item in try reader.array("lookups") {
            let lookup = try ElementReader(item)
            lookups.append(
                Lookup(
                    key: try lookup.string("key"), source: try lookup.string("source"),
                    group: try lookup.string("group"), parameters: try lookup.object("parameters"),
                    fields: try lookup.strings("fields")))
        }
        self.lookups = lookups
        var places: [Place] = []
        if reader.object["places"] != nil {
            for item in try reader.array("places") {
                let place = try ElementReader(item)
                places.append(
                    Place(
                        key: try place.string("key"), name: try place.string("name"),
                        limit: try place.integer("limit"), instance: try place.string("instance")))
            }
        }
        self.places = places
    }

    /// The element as it is pushed by the engine's commit.
    package var element: [UInt8] {
        var writer = ElementWriter()
        Request.header(&writer, kind: "fetch", id: id)
        origin.write(to: &writer)
        writer.add("timeoutMs", timeoutMilliseconds)
        let items = lookups.map { lookup -> JSONValue in
            [
                "key": .string(lookup.key), "source": .string(lookup.source), "group": .string(lookup.group),
                "parameters": .object(lookup.parameters), "fields": JSONValue(lookup.fields),
            ]
        }
        writer.add("lookups", .array(items))
        if !places.isEmpty {
            let items = places.map { place -> JSONValue in
                [
                    "key": .string(place.key), "name": .string(place.name), "limit": .integer(place.limit),
                    "instance": .string(place.instance),
                ]
            }
            writer.add("places", .array(items))
        }
        return writer.finish()
    }
}
