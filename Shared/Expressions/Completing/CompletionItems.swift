import Foundation
import Models

/// Makes what is offered in a situation, in no order and with nothing left out but what is too much.
struct CompletionItems {
    typealias Item = Completion.Item

    let scope: ExpressionScope
    let note: ([String]) -> String?
    /// Fields that are offered by their whole paths, where none was begun.
    private static let wholePathsMax = 400
    private static let wholePathDepth = 4

    init(scope: ExpressionScope, note: @escaping ([String]) -> String?) {
        self.scope = scope
        self.note = note
    }

    func items(for situation: CompletionSituation) -> [Item] {
        switch situation.place {
        case .operand:
            if let constants = constants(situation.pattern) {
                return constants.map { Item($0.label, $0.kind, insert: RowText.quoted($0.label), type: .string) }
            }
            return operands(situation)
        case .link(let type, let isCompared):
            return links(behind: type, isCompared: isCompared, situation.branch)
        case .name(let walk, let inBraces): return names(walk, inBraces: inBraces)
        case .option(let isSource, let given):
            return [("defaultValue", "defaultValue: ", "What stands for a missing field.")]
                .appending(isSource ? ("params", "params: {", "What the source is asked with.") : nil)
                .filter { !given.contains($0.0) }
                .map { Item($0.0, .keyword, insert: $0.1, documentation: $0.2) }
        case .parameter(let group, let given):
            return (group?.parameters ?? []).filter { !given.contains($0) }.map { name in
                Item(
                    name, .parameter, insert: RowText.segment(name, inBraces: true) + ": ",
                    documentation: group?.optional.contains(name) == true ? "May be left out." : "Needed.")
            }
        case .text(let quote, let walk): return texts(quote, walk, situation.pattern)
        case .nothing: return []
        }
    }

    // MARK: Constants

    private func constants(_ pattern: TypePattern?) -> [(label: String, kind: Completion.Kind)]? {
        switch pattern {
        case .zone?: (["UTC"] + TimeZone.knownTimeZoneIdentifiers).map { ($0, .keyword) }
        case .timeUnit?: TimeUnit.allCases.map { ($0.rawValue, .keyword) }
        case .audience?: (scope.audiences ?? []).map { ($0, .audience) }
        default: nil
        }
    }

    private func texts(_ quote: UInt8, _ walk: CompletionWalk?, _ pattern: TypePattern?) -> [Item] {
        var found: [(label: String, kind: Completion.Kind)] = []
        if case .object(let shape)? = walk?.type {
            found = shape.fields.keys.map { ($0.text, .field) }
        } else if walk == nil {
            found = constants(pattern) ?? []
        }
        return found.map { label, kind in
            var text = String(RowText.quoted(label).dropFirst().dropLast())
            if quote == UInt8(ascii: "'") {
                text = text.replacing("\\\"", with: "\"").replacing("'", with: "\\'")
            }
            return Item(label, kind, insert: text, type: .string)
        }
    }

    // MARK: Values

    private func operands(_ situation: CompletionSituation) -> [Item] {
        var items: [Item] = [
            Item("not", .keyword, insert: "not ", type: .boolean), Item("if", .keyword, insert: "if ("),
            Item("true", .keyword, type: .boolean), Item("false", .keyword, type: .boolean), Item("null", .keyword),
        ]
        for (place, item) in situation.items.enumerated() {
            if situation.items[(place + 1)...].contains(where: { $0.kind == item.kind }) { continue }
            items.append(
                Item(item.kind.rawValue, .item, type: item.type, documentation: "The item that is looked at."))
        }
        items += functions
        items += roots
        items += wholePaths
        if scope.barePathsAreProfile {
            items += fields(of: .object(scope.profile), ["profile"], inBraces: false)
        }
        return items
    }

    private var functions: [Item] {
        let date = Item(
            "date", .function, insert: "date(", documentation: "A date or time that is written in the expression.",
            signature: "date(\"2021-02-19\"), date(\"2021-02-19T08:00:00\"), date(\"2021-02-19T08:00:00Z\")")
        return [date]
            + FunctionTable.all.map { entry in
                var type: ValueType?
                if case .type(let result)? = entry.forms.first?.result { type = result }
                return Item(
                    entry.name, .function, insert: entry.name + "(", type: type,
                    documentation: entry.summary + "\n" + entry.example,
                    signature: entry.signatures.joined(separator: "\n"))
            }
    }

    /// Where references begin.
    private var roots: [Item] {
        var items: [Item] = []
        for name in eventNames {
            let segment = RowText.segment(name, inBraces: true)
            items.append(
                Item("@event{\(name)}", .event, insert: "@event{\(segment).", documentation: note(["event", name])))
        }
        for name in scope.actions.keys {
            let segment = RowText.segment(name, inBraces: true)
            items.append(
                Item("@action{\(name)}", .action, insert: "@action{\(segment).", documentation: note(["action", name])))
        }
        for name in sourceNames {
            let segment = RowText.segment(name, inBraces: true)
            items.append(
                Item("#{\(name)}", .source, insert: "#{\(segment).", documentation: note(["source", name])))
        }
        if scope.hasJourney {
            items += JourneyAttribute.allCases.map { attribute in
                Item("@journey{\(attribute.rawValue)}", .attribute, type: attribute.type)
            }
        }
        return items
    }

    private var eventNames: [String] {
        Array(Set(scope.events.keys).union(scope.ownEvent.map { [$0] } ?? []))
    }

    private var sourceNames: [String] {
        scope.sources.keys + [ProfileSource.short, ProfileSource.source]
    }

    /// Fields by their whole paths, the shorter first. Those of sources with parameters are not offered: the path alone
    /// would not be right.
    private var wholePaths: [Item] {
        var open: [(text: String, noted: [String], type: ValueType, depth: Int)] = []
        for (name, shape) in scope.events.sorted(by: { $0.key < $1.key }) {
            open.append(("@event{" + RowText.segment(name, inBraces: true), ["event", name], .object(shape), 0))
        }
        open.append(("#{profile", ["profile"], .object(scope.profile), 0))
        for (name, shape) in scope.actions.sorted(by: { $0.key < $1.key }) {
            open.append(("@action{" + RowText.segment(name, inBraces: true), ["action", name], .object(shape), 0))
        }
        for (source, groups) in scope.sources.sorted(by: { $0.key < $1.key }) {
            for (group, definition) in groups.sorted(by: { $0.key < $1.key }) {
                if definition.parameters.contains(where: { !definition.optional.contains($0) }) { continue }
                let text = "#{\(RowText.segment(source, inBraces: true)).\(RowText.segment(group, inBraces: true))"
                open.append((text, ["source", source, group], .object(definition.shape), 0))
            }
        }
        var items: [Item] = []
        var next = 0
        while next < open.count, items.count < Self.wholePathsMax {
            let path = open[next]
            next += 1
            if path.depth > 0 {
                items.append(Item(path.text + "}", .field, type: path.type, documentation: note(path.noted)))
            }
            guard path.depth < Self.wholePathDepth, case .object(let shape) = path.type else { continue }
            for (name, type) in shape.fields.sorted(by: { $0.key < $1.key })
            where open.count < 4 * Self.wholePathsMax {
                let text = path.text + "." + RowText.segment(name.text, inBraces: true)
                open.append((text, path.noted + [name.text], type, path.depth + 1))
            }
        }
        return items
    }

    // MARK: Operators

    private func links(behind type: ValueType?, isCompared: Bool, _ branch: String?) -> [Item] {
        if branch == "then", type == nil { return [Item("then", .keyword, insert: "then (")] }
        var words: [String] = ["is null", "is not null"]
        let isOpen = type == nil || type == .any
        let isOrdered = isOpen || type?.isScalar == true && type != .boolean
        if isOpen || isCompared || type == .boolean { words += ["and", "or"] }
        words += ["==", "!="]
        if isOrdered { words += [">", ">=", "<", "<="] }
        if isOpen || type?.isNumeric == true { words += ["+", "-", "*", "/", "%"] }
        if isOpen || type?.isNumeric == true { words += ["is integer", "is decimal", "is numeric"] }
        switch type {
        case .string?: words += ["+"]
        case .dateTime?, .dateTimeOnly?, .duration?: words += ["+", "-"]
        case .list?: words += ["has null"]
        default: break
        }
        if branch == "else" { words.append("else") }
        return words.map { word in
            Item(word, .keyword, insert: word.hasSuffix("null") || word.hasPrefix("is") ? word : word + " ")
        }
    }

    // MARK: Names

    private func names(_ walk: CompletionWalk, inBraces: Bool) -> [Item] {
        switch walk.stage {
        case .roots(.event): return eventNames.map { name in named(name, .event, ["event", name]) }
        case .roots(.action): return scope.actions.keys.map { name in named(name, .action, ["action", name]) }
        case .roots(.source): return sourceNames.map { name in named(name, .source, ["source", name]) }
        case .roots(.journey):
            return scope.hasJourney
                ? JourneyAttribute.allCases.map { Item($0.rawValue, .attribute, type: $0.type) } : []
        case .groups(let source):
            return (scope.sources[source] ?? [:]).map { name, group in
                var item = named(name, .group, ["source", source, name])
                item.type = .object(.any)
                if !group.parameters.isEmpty {
                    item.signature = "params: {\(group.parameters.joined(separator: ", "))}"
                }
                return item
            }
        case .platform:
            return [Item(ProfileSource.profileGroup, .group)]
                + (scope.experienceEvents == nil ? [] : [Item(ProfileSource.eventGroup, .group)])
        case .eventGroup:
            return ([ProfileSource.eventList] + scope.keptEvents.keys).map { name in
                var item = Item(name, .field, type: .list(.object(.any)))
                item.documentation = note(["event", name])
                return item
            }
        case .value(let type):
            return fields(of: type, walk.noted, inBraces: inBraces) + methods(of: type)
        case .unknown: return []
        }
    }

    private func named(_ name: String, _ kind: Completion.Kind, _ noted: [String]) -> Item {
        Item(name, kind, insert: RowText.segment(name, inBraces: true), documentation: note(noted))
    }

    private func fields(of type: ValueType, _ noted: [String], inBraces: Bool) -> [Item] {
        let shape: Shape
        switch type {
        case .object(let own), .list(.object(let own)): shape = own
        default: return []
        }
        return shape.fields.keys.map(\.text).map { name in
            Item(
                name, .field, insert: RowText.segment(name, inBraces: inBraces), type: type.field(name),
                documentation: note(noted + [name]))
        }
    }

    private func methods(of type: ValueType) -> [Item] {
        var items: [Item] = []
        func add(_ name: String, _ result: ValueType, _ signature: String, _ text: String) {
            items.append(
                Item(
                    name, .method, insert: signature.hasSuffix("()") ? name + "()" : name + "(", type: result,
                    documentation: text, signature: signature))
        }
        if case .list(let item) = type {
            add("all", type, "all(condition?)", "The items for which the condition holds.")
            add("first", item, "first(condition?)", "The first item for which the condition holds.")
            add("last", item, "last(condition?)", "The last item for which the condition holds.")
            add("at", item, "at(place)", "The item at a place, from 0.")
        }
        if case .object = type {
            add("entry", .any, "entry(key)", "The value under a key of a map.")
            add("firstEntryKey", .string, "firstEntryKey()", "The first key of a map.")
            add("keys", .list(.string), "keys()", "The keys of a map.")
        }
        return items
    }
}

extension Array {
    fileprivate func appending(_ element: Element?) -> [Element] {
        element.map { self + [$0] } ?? self
    }
}
