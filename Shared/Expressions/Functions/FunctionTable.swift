/// All functions of the language.
package enum FunctionTable {
    /// By group, and in each in the order of the documentation.
    package static let all: [FunctionEntry] =
        aggregation + conversion + date + list + math + string + audience + value

    package static func named(_ name: String) -> FunctionEntry? {
        byName[name]
    }

    static let names: [String] = all.map(\.name) + ["date"]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The types whose values have an order, for functions that take lists or pairs of one of them.
    static let ordered: [TypePattern] = [
        .number, .dateTime, .one(.dateTimeOnly), .one(.dateOnly), .one(.duration),
    ]
    /// The types whose values can be looked for in a list.
    static let comparable: [TypePattern] = [.string, .boolean] + ordered
}
