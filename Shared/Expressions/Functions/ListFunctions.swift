extension FunctionTable {
    static let list: [FunctionEntry] = choosing + arranging

    private static let choosing: [FunctionEntry] = [
        FunctionEntry(
            "distinct", .list,
            [
                Signature(["list": .anyList], .sameAs(0)),
                Signature(["list": .listObject, "key": .string], .sameAs(0)),
            ],
            "Keeps the first of items that are equal, or that have an equal field, in their order and without nulls.",
            example: "distinct([3, 1, 3, null])", result: "[3,1]"
        ) { (arguments, _) throws(FunctionFailure) in
            .list(try distinct(arguments).filter { !$0.isNull })
        },
        FunctionEntry(
            "distinctWithNull", .list,
            [
                Signature(["list": .anyList], .sameAs(0)),
                Signature(["list": .listObject, "key": .string], .sameAs(0)),
            ],
            "Keeps the first of items that are equal, or that have an equal field, in their order; the first "
                + "null stays.",
            example: "distinctWithNull([3, null, 3, null])", result: "[3,null]"
        ) { (arguments, _) throws(FunctionFailure) in
            .list(try distinct(arguments))
        },
        FunctionEntry(
            "filter", .list,
            [Signature(["list": .listObject, "key": .string, "values": .anyList], .sameAs(0))],
            "Keeps the objects whose field has one of the values.",
            example: "filter(#{profile.orders}, \"state\", [\"sent\", \"paid\"])",
            result: #"[{"id":2,"state":"sent"}]"#
        ) { (arguments, _) throws(FunctionFailure) in
            let key = try arguments.string(1)
            let wanted = Set(try arguments.items(2).map(\.identity))
            return .list(try arguments.items(0).filter { wanted.contains($0.member(key).identity) })
        },
        FunctionEntry(
            "getListItem", .list, [Signature(["list": .anyList, "place": .integer], .itemOf(0))],
            "Gives the item at a place, from 0; null outside the list.", example: "getListItem([\"a\", \"b\"], 1)",
            result: "\"b\""
        ) { (arguments, _) throws(FunctionFailure) in
            let items = try arguments.list(0)
            let place = try arguments.integer(1)
            return place >= 0 && place < Int64(items.count) ? items[Int(place)] : .null
        },
        FunctionEntry(
            "in", .list, comparable.map { Signature(["value": $0, "list": .list($0)], .boolean) },
            "Tells whether the list has the value; a list that is null has none.", example: "in(\"b\", [\"a\", \"b\"])",
            result: "true", nulls: .accepted
        ) { (arguments, _) throws(FunctionFailure) in
            if arguments[0].isNull { return .null }
            guard !arguments[1].isNull else { return .boolean(false) }
            let value = arguments[0]
            return .boolean(try arguments.items(1).contains { $0.isSame(as: value) })
        },
        FunctionEntry(
            "intersect", .list,
            comparable.map { Signature(["list": .list($0), "other": .list($0)], .sameAs(0)) },
            "Gives the items of the first list that the second one has too; a list that is null is empty.",
            example: "intersect([3, 1, 2], [2, 3])", result: "[3,2]", nulls: .accepted
        ) { (arguments, _) throws(FunctionFailure) in
            guard !arguments[0].isNull, !arguments[1].isNull else { return .list([]) }
            let other = Set(try arguments.items(1).map(\.identity))
            return .list(try arguments.items(0).filter { other.contains($0.identity) })
        },
    ]

    private static let arranging: [FunctionEntry] = [
        FunctionEntry(
            "limit", .list,
            [Signature(["list": .anyList, "count": .integer, "fromStart?": .boolean], .sameAs(0))],
            "Gives the first items of a list, or with false the last ones.", example: "limit([1, 2, 3], 2, false)",
            result: "[2,3]"
        ) { (arguments, _) throws(FunctionFailure) in
            let items = try arguments.list(0)
            let count = Int(max(0, min(try arguments.integer(1), Int64(items.count))))
            let fromStart = arguments.count < 3 ? true : try arguments.boolean(2)
            return .list(Array(fromStart ? items.prefix(count) : items.suffix(count)))
        },
        FunctionEntry(
            "listSize", .list, [Signature(["list": .anyList], .integer)],
            "Gives the number of items, nulls included.", example: "listSize([\"a\", null])", result: "2"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(try arguments.list(0).count))
        },
        FunctionEntry(
            "serializeList", .list,
            [Signature(["list": .list(.scalar), "separator": .string, "quoted": .boolean], .string)],
            "Joins the items that are not null to one text, each in double quotes if the last argument is true.",
            example: "serializeList([\"a\", \"b\"], \", \", true)", result: #""\"a\", \"b\"""#
        ) { (arguments, run) throws(FunctionFailure) in
            let quote = try arguments.boolean(2) ? "\"" : ""
            let separator = try arguments.string(1)
            let texts = try arguments.items(0).compactMap(\.text).map { quote + $0 + quote }
            try run.spend(textBytes: texts.reduce(0) { $0 + $1.utf8.count + separator.utf8.count })
            return .string(texts.joined(separator: separator))
        },
        FunctionEntry(
            "sort", .list,
            ([.string] + ordered).map { Signature(["list": .list($0), "ascending": .boolean], .sameAs(0)) }
                + [Signature(["list": .listObject, "key": .string, "ascending": .boolean], .sameAs(0))],
            "Sorts the items, or objects by a field; equal ones keep their order, nulls are left out, and "
                + "objects without the field come last.",
            example: "sort([3, 1, 2], false)", result: "[3,2,1]"
        ) { (arguments, run) throws(FunctionFailure) in
            try sorted(arguments, &run)
        },
    ]

    private static func distinct(_ arguments: Arguments) throws(FunctionFailure) -> [Value] {
        let items = try arguments.list(0)
        var seen: Set<Value> = []
        return zip(items, try keys(arguments)).compactMap { seen.insert($1).inserted ? $0 : nil }
    }

    private static func sorted(_ arguments: Arguments, _ run: inout Run) throws(FunctionFailure) -> Value {
        let items = try arguments.items(0)
        let key = arguments.count == 3 ? try arguments.string(1) : nil
        let isAscending = try arguments.boolean(arguments.count - 1)
        let keyed = items.map { (item: $0, key: key.map($0.member) ?? $0) }
        let present = keyed.filter { !$0.key.isNull }
        for (one, other) in zip(present, present.dropFirst()) where one.key.order(to: other.key) == nil {
            throw FunctionFailure(
                .typeMismatch, "\(one.key.type) and \(other.key.type) have no order with each other.")
        }
        // The standard library's sort keeps the order of equal elements.
        let sorted = present.sorted { one, other in
            let order = one.key.order(to: other.key) ?? 0
            return isAscending ? order < 0 : order > 0
        }
        return .list((sorted + keyed.filter { $0.key.isNull }).map(\.item))
    }
}
