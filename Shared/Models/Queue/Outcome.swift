/// What became of a request: appended to the inbox of the same partition by the script that removes the claim.
package struct Outcome: Sendable, Hashable {
    package enum Result: Sendable, Hashable {
        /// The answer to each look-up of a fetch request, by its key; to a place under a cap the data is true or false.
        case fetch([String: LookupResult])
        case action(ActionResult)
    }

    /// The request's id.
    package let id: String
    package let person: Person
    package let instance: String
    /// Of the request, where it tells; what came too late is recorded by it.
    package let journey: String?
    package let version: Int64
    /// From the first claim to the outcome, in milliseconds.
    package let durationMilliseconds: Int64
    package let result: Result
    package let run: RunMark?

    package init(
        id: String, person: Person, instance: String, journey: String? = nil, version: Int64 = 0,
        durationMilliseconds: Int64, result: Result, run: RunMark? = nil
    ) {
        self.id = id
        self.person = person
        self.instance = instance
        self.journey = journey
        self.version = version
        self.durationMilliseconds = durationMilliseconds
        self.result = result
        self.run = run
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        id = try reader.string("id")
        person = try reader.person()
        instance = try reader.string("instance")
        journey = try reader.optionalString("journey")
        version = reader.object["version"]?.integerValue ?? 0
        durationMilliseconds = try reader.integer("durationMs")
        run = try RunMark(reader)
        switch try reader.string("of") {
        case "fetch":
            var results: [String: LookupResult] = [:]
            for (key, value) in try reader.object("results") { results[key] = try LookupResult(value) }
            result = .fetch(results)
        case "action": result = .action(try ActionResult(reader))
        case let kind: throw MalformedElement("there is no outcome of a \(kind)")
        }
    }

    /// The inbox element, without its time.
    package var element: [UInt8] {
        var writer = ElementWriter(capacity: 384)
        writer.add("kind", "outcome")
        switch result {
        case .fetch: writer.add("of", "fetch")
        case .action: writer.add("of", "action")
        }
        writer.add("id", id)
        writer.add(person)
        writer.add("instance", instance)
        if let journey {
            writer.add("journey", journey)
            writer.add("version", version)
        }
        writer.add("durationMs", durationMilliseconds)
        writer.add(run)
        switch result {
        case .fetch(let results):
            let pairs = results.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }
            writer.add("results", JSONObject(pairs))
        case .action(let result): result.write(to: &writer)
        }
        return writer.finish()
    }
}

/// The answer to one look-up: the fields that the plan reads, or why there are none.
package struct LookupResult: Sendable, Hashable {
    /// The group's fields; nil where the look-up failed.
    package let data: JSONValue?
    /// `timedout`, `capped`, `internalError`, `cancelled`, `http_503`, …; nil where it did not fail.
    package let errorCode: String?
    package let cached: Bool
    /// What is said in the step of an answer that was not taken as it stands: `repeatedKey`.
    package let note: String?
    /// What was answered, where the look-up failed and there was an answer.
    package let answer: CallAnswer?

    package init(data: JSONValue, cached: Bool, note: String? = nil) {
        self.data = data
        self.cached = cached
        self.note = note
        errorCode = nil
        answer = nil
    }

    package init(errorCode: String, answer: CallAnswer? = nil) {
        data = nil
        cached = false
        note = nil
        self.errorCode = errorCode
        self.answer = answer
    }

    package init(_ value: JSONValue) throws(MalformedElement) {
        if let code = value["error"]?.stringValue {
            self.init(errorCode: code, answer: CallAnswer(value["answer"]))
        } else if let data = value["data"] {
            self.init(
                data: data, cached: value["cached"]?.boolValue ?? false, note: value["note"]?.stringValue)
        } else {
            throw MalformedElement("the answer to a look-up has neither data nor error")
        }
    }

    package var json: JSONValue {
        if let errorCode {
            guard let answer else { return ["error": .string(errorCode)] }
            return ["error": .string(errorCode), "answer": answer.json]
        }
        var json: JSONObject = ["data": data ?? .null]
        if cached { json["cached"] = true }
        if let note { json["note"] = .string(note) }
        return .object(json)
    }
}

/// What became of an action, over all its attempts.
package struct ActionResult: Sendable, Hashable {
    /// One call that was made: when, how long it took, and what came of it.
    package struct Attempt: Sendable, Hashable {
        package let at: Int64
        package let milliseconds: Int64
        package let status: String
        /// What was answered, where the call failed and there was an answer.
        package let answer: CallAnswer?

        package init(at: Int64, milliseconds: Int64, status: String, answer: CallAnswer? = nil) {
            self.at = at
            self.milliseconds = milliseconds
            self.status = status
            self.answer = answer
        }

        /// As elements hold it; nil where it is not one.
        package init?(_ json: JSONValue) {
            guard let at = json["at"]?.integerValue, let milliseconds = json["ms"]?.integerValue,
                let status = json["status"]?.stringValue
            else { return nil }
            self.init(at: at, milliseconds: milliseconds, status: status, answer: CallAnswer(json["answer"]))
        }

        /// As elements hold it.
        package var json: JSONValue {
            var object: JSONObject = [
                "at": .integer(at), "ms": .integer(milliseconds), "status": .string(status),
            ]
            if let answer { object["answer"] = answer.json }
            return .object(object)
        }
    }

    package let succeeded: Bool
    /// `jo_status_code`: `http_200`, `timedout`, `capped`, `internalError`, `cancelled`, `channelNotConfigured`.
    package let status: String
    /// The fields of the response that the plan reads; of a failure's response under `errorResponse`.
    package let response: JSONValue
    package let attempts: [Attempt]
    /// What of the last answer could not be kept, or not as it stands: `responseTooLarge`, `invalidResponse`,
    /// `repeatedKey`.
    package let note: String?

    package init(
        succeeded: Bool, status: String, response: JSONValue, attempts: [Attempt], note: String? = nil
    ) {
        self.succeeded = succeeded
        self.status = status
        self.response = response
        self.attempts = attempts
        self.note = note
    }

    init(_ reader: ElementReader) throws(MalformedElement) {
        succeeded = try reader.bool("succeeded")
        status = try reader.string("status")
        response = reader.object["response"] ?? .null
        note = reader.object["note"]?.stringValue
        var attempts: [Attempt] = []
        for item in try reader.array("calls") {
            guard let attempt = Attempt(item) else { throw MalformedElement("a call is not complete") }
            attempts.append(attempt)
        }
        self.attempts = attempts
    }

    func write(to writer: inout ElementWriter) {
        writer.add("succeeded", succeeded)
        writer.add("status", status)
        if !response.isNull { writer.add("response", response) }
        if let note { writer.add("note", note) }
        writer.add("calls", .array(attempts.map(\.json)))
    }
}
