import Models

/// How an upsert changes the attributes that there are.
enum ProfileMerge: String, Sendable, CaseIterable {
    /// RFC 7396: members are merged at every depth, null removes one, anything else replaces.
    case deep
    /// The attributes given are all that remain.
    case replace

    func apply(_ given: JSONObject, to stored: JSONObject) -> JSONObject {
        switch self {
        case .replace: Self.merged(given, into: [:])
        case .deep: Self.merged(given, into: stored)
        }
    }

    private static func merged(_ given: JSONObject, into stored: JSONObject) -> JSONObject {
        var result = stored
        for (key, value) in given {
            switch value {
            case .null: result[key] = JSONValue?.none
            case .object(let object):
                result[key] = .object(merged(object, into: result[key]?.objectValue ?? [:]))
            default: result[key] = value
            }
        }
        return result
    }
}
