import Models

enum JSONValueList {
    static func numbers(_ count: Int) -> JSONValue {
        .array((1...count).map { JSONValue($0) })
    }
}
