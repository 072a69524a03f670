import Models

/// Why a JSON document is no rows.
package struct RowProblem: Error, Sendable, Hashable {
    /// A JSON pointer into the root group, such as `/rows/0/field`.
    package let path: String
    package let message: String
}

extension RowGroup {
    /// `{"operator": "and" | "or", "not": false, "rows": [row | group…]}`
    package var json: JSONValue {
        var object: JSONObject = [:]
        object["operator"] = isAnd ? "and" : "or"
        object["not"] = .bool(isNegated)
        object["rows"] = .array(
            members.map { member in
                switch member {
                case .row(let row): row.json
                case .group(let group): group.json
                }
            })
        return .object(object)
    }

    /// Groups inside each other at most.
    package static let depthMax = 30

    package init(json: JSONValue) throws(RowProblem) {
        self = try RowGroup.read(json, "", depth: 0)
    }

    private static func read(_ json: JSONValue, _ path: String, depth: Int) throws(RowProblem) -> RowGroup {
        guard depth < depthMax else {
            throw RowProblem(path: path, message: "groups are at most \(depthMax) levels deep")
        }
        guard case .object(let object) = json else { throw RowProblem(path: path, message: "must be a group") }
        try refuseOthers(object, ["operator", "not", "rows"], path)
        guard let word = object["operator"]?.stringValue, word == "and" || word == "or" else {
            throw RowProblem(path: path + "/operator", message: "must be and or or")
        }
        guard let isNegated = (object["not"] ?? false).boolValue else {
            throw RowProblem(path: path + "/not", message: "must be true or false")
        }
        guard let rows = object["rows"]?.arrayValue, !rows.isEmpty else {
            throw RowProblem(path: path + "/rows", message: "must be a list of at least one row")
        }
        var members: [Member] = []
        for (place, member) in rows.enumerated() {
            let path = "\(path)/rows/\(place)"
            if member["rows"] != nil {
                members.append(.group(try read(member, path, depth: depth + 1)))
            } else {
                members.append(.row(try Row(json: member, path)))
            }
        }
        return RowGroup(isAnd: word == "and", isNegated: isNegated, members)
    }

    fileprivate static func refuseOthers(
        _ object: JSONObject, _ known: Set<String>, _ path: String
    ) throws(RowProblem) {
        for key in object.keys where !known.contains(key) {
            throw RowProblem(path: "\(path)/\(key)", message: "is not known")
        }
    }
}

extension Row {
    /// `{"field": "#{profile.tier}", "operator": "equals", "value": "gold"}`
    package var json: JSONValue {
        var object: JSONObject = [:]
        if !field.isEmpty { object["field"] = .string(field) }
        object["operator"] = .string(test.rawValue)
        switch value {
        case .literal(let json)?: object["value"] = json
        case .expression(let text)?: object["value"] = ["expression": .string(text)]
        case nil: break
        }
        return .object(object)
    }

    fileprivate init(json: JSONValue, _ path: String) throws(RowProblem) {
        guard case .object(let object) = json else { throw RowProblem(path: path, message: "must be a row or a group") }
        try RowGroup.refuseOthers(object, ["field", "operator", "value"], path)
        guard let test = object["operator"]?.stringValue.flatMap({ RowOperator(rawValue: $0) }) else {
            throw RowProblem(path: path + "/operator", message: "is no operator of rows")
        }
        self.test = test
        let field = object["field"]?.stringValue ?? ""
        if test == .inAudience {
            guard object["field"] == nil else {
                throw RowProblem(path: path + "/field", message: "has no meaning here")
            }
            self.field = ""
        } else {
            self.field = try Row.checkedField(field, path + "/field")
        }
        guard test.needsValue else {
            guard object["value"] == nil else {
                throw RowProblem(path: path + "/value", message: "has no meaning here")
            }
            value = nil
            return
        }
        guard let given = object["value"] else { throw RowProblem(path: path + "/value", message: "is missing") }
        value = try Row.checkedValue(given, path + "/value")
        if test == .inAudience, case .literal(.string)? = value { return }
        if test == .inAudience { throw RowProblem(path: path + "/value", message: "must be the name of an audience") }
    }

    private static func checkedField(_ text: String, _ path: String) throws(RowProblem) -> String {
        guard let piece = RowReader.piece(text) else {
            throw RowProblem(path: path, message: "must be the text of a field, such as #{profile.tier}")
        }
        guard case .reference = piece.syntax.kind else {
            throw RowProblem(path: path, message: "must be the text of one field and nothing else")
        }
        return piece.text
    }

    private static func checkedValue(_ json: JSONValue, _ path: String) throws(RowProblem) -> Value {
        if case .object(let object) = json {
            guard object.count == 1, let text = object["expression"]?.stringValue, let piece = RowReader.piece(text)
            else {
                throw RowProblem(path: path, message: "must be a literal or {\"expression\": text}, without comments")
            }
            return piece.value
        }
        guard RowText.literal(json) != nil else {
            throw RowProblem(path: path, message: "must be a string, a number, a boolean or a list of these")
        }
        return .literal(json)
    }
}
