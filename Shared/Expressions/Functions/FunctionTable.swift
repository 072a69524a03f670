import Models

/// All functions of the language.
package enum FunctionTable {
    /// By group, and in each in the order of the documentation.
    package static let all: [FunctionEntry] =
        aggregation + conversion + date + list + math + string + pattern + audience + value

    package static func named(_ name: String) -> FunctionEntry? {
        byName[name]
    }

    /// The function that somebody probably meant by a name that none has.
    package static func nearest(to name: String) -> String? {
        Suggestion.nearest(to: name, in: names)
    }

    /// The `values` (as of `expressions.evaluate`) with which the examples have their results.
    package static let exampleValues: JSONValue = [
        "profile": [
            "orders": [["id": 1, "state": "open"], ["id": 2, "state": "sent"], ["id": 3, "state": "open"]]
        ]
    ]

    static let names: [String] = all.map(\.name) + ["date"]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The types whose values have an order, for functions that take lists or pairs of one of them.
    static let ordered: [TypePattern] = [
        .number, .dateTime, .one(.dateTimeOnly), .one(.dateOnly), .one(.duration),
    ]
    /// The types whose values can be looked for in a list.
    static let comparable: [TypePattern] = [.string, .boolean] + ordered
}
