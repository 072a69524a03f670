import Models

/// Params as they came.
enum RPCParams: Sendable, Hashable {
    case byName(JSONObject)
    case byPosition([JSONValue])
}

extension RPCMethod {
    /// The params as an object, checked against the declaration.
    ///
    /// A null for an optional parameter whose schema takes no null counts as left out.
    func checkedParams(_ params: RPCParams?) throws(RPCError) -> JSONObject {
        var problems: [Problem] = []
        var object: JSONObject
        switch params {
        case nil: object = JSONObject()
        case .byName(let named): object = named
        case .byPosition(let values): object = named(values, into: &problems)
        }
        var found = 0
        for place in self.params.indices {
            let parameter = self.params[place]
            guard let value = object[parameter.name] else {
                if parameter.isRequired {
                    problems.append(Problem(path: JSONPointer.joined("", parameter.name), message: "is required"))
                }
                continue
            }
            found += 1
            if value.isNull, !parameter.isRequired, !shapes[place].takesNull {
                object[parameter.name] = nil
                found -= 1
                continue
            }
            shapes[place].check(value, at: JSONPointer.joined("", parameter.name), into: &problems)
        }
        if object.count > found, unknownParams == .refused { reportUnknown(object, into: &problems) }
        if !problems.isEmpty { throw .invalidParams(problems) }
        return object
    }

    private func named(_ values: [JSONValue], into problems: inout [Problem]) -> JSONObject {
        if values.count > params.count {
            problems.append(
                Problem(
                    path: "/\(params.count)",
                    message: "is one too many; the method takes at most \(params.count) by position"))
        }
        return JSONObject(zip(params, values).map { ($0.name, $1) })
    }

    private func reportUnknown(_ object: JSONObject, into problems: inout [Problem]) {
        let known = params.isEmpty ? "none" : params.map(\.name).joined(separator: ", ")
        for (key, _) in object where !params.contains(where: { $0.name == key }) {
            if problems.count >= ParameterShape.problemsMax { return }
            problems.append(
                Problem(path: JSONPointer.joined("", key), message: "is not known here; known are \(known)"))
        }
    }
}
