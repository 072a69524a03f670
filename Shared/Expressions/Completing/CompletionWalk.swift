import Models

/// How far a path has come, as far as its text tells.
struct CompletionWalk {
    enum Stage {
        case roots(ReferenceKind)
        case groups(source: String)
        case platform
        case eventGroup
        case value(ValueType)
        case unknown
    }

    var stage: Stage
    /// By which name a note is asked for.
    var noted: [String] = []
    /// What a condition on the way calls its item.
    var item = CurrentItem.source
    var group: ExpressionScope.FieldGroup?

    var type: ValueType? {
        if case .value(let type) = stage { return type }
        return nil
    }

    mutating func field(_ name: String, in scope: ExpressionScope) {
        switch stage {
        case .roots(.event):
            let shape = scope.events[name] ?? (name == scope.ownEvent ? .any : nil)
            begin(shape, ["event", name], .event)
        case .roots(.action):
            let shape = scope.actions[name].map { shape in
                Shape(fields: shape.fields.merging(["jo_status_code": .string]) { $1 }, others: shape.others)
            }
            begin(shape, ["action", name], .action)
        case .roots(.journey): stage = JourneyAttribute(rawValue: name).map { .value($0.type) } ?? .unknown
        case .roots(.source):
            if name == ProfileSource.short {
                begin(scope.profile, ["profile"], .source)
            } else if name == ProfileSource.source {
                stage = .platform
            } else {
                stage = scope.sources[name] == nil ? .unknown : .groups(source: name)
            }
        case .groups(let source):
            group = scope.sources[source]?[name]
            begin(group?.shape, ["source", source, name], .source)
        case .platform:
            if name == ProfileSource.profileGroup {
                begin(scope.profile, ["profile"], .source)
            } else {
                stage = name == ProfileSource.eventGroup && scope.experienceEvents != nil ? .eventGroup : .unknown
            }
        case .eventGroup:
            let shape = name == ProfileSource.eventList ? scope.experienceEvents : scope.keptEvents[name]
            stage = shape.map { .value(.list(.object($0))) } ?? .unknown
        case .value(let type):
            stage = type.field(name).map(Stage.value) ?? .unknown
            noted.append(name)
        case .unknown: break
        }
    }

    private mutating func begin(_ shape: Shape?, _ noted: [String], _ item: CurrentItem) {
        stage = shape.map { .value(.object($0)) } ?? .unknown
        self.noted = noted
        self.item = item
    }

    /// The type of the items that a method of the path goes through.
    var itemType: ValueType? {
        switch type {
        case .list(let item)?: item
        case .any?: .any
        default: nil
        }
    }

    mutating func method(_ name: String) {
        switch name {
        case "all": stage = itemType.map { .value(.list($0)) } ?? .unknown
        case "first", "last", "at": stage = itemType.map(Stage.value) ?? .unknown
        case "keys": stage = .value(.list(.string))
        case "firstEntryKey": stage = .value(.string)
        case "entry":
            if case .object(let shape)? = type {
                let values = shape.fields.values.reduce(shape.others ?? .null) { $0.merged(with: $1) }
                stage = .value(values.unlessNull)
            } else {
                stage = type == .any ? .value(.any) : .unknown
            }
        default: stage = .unknown
        }
    }
}

/// What may be written at the cursor.
struct CompletionSituation {
    enum Place {
        /// A value, or what begins one.
        case operand
        /// An operator, behind a value of the type.
        case link(ValueType?, isCompared: Bool)
        /// The next name of a path.
        case name(CompletionWalk, inBraces: Bool)
        /// What follows a comma in braces.
        case option(isSource: Bool, given: Set<String>)
        case parameter(ExpressionScope.FieldGroup?, given: Set<String>)
        /// The inside of a string in the quote.
        case text(quote: UInt8, of: CompletionWalk?)
        case nothing
    }

    /// The piece that is replaced.
    struct Word {
        enum Ending {
            case word, segment, quotedSegment(UInt8), text(UInt8), reference
        }

        /// In bytes.
        let start: Int
        var ending = Ending.word

        /// Where it ends in the whole text, whose part left of the cursor it begins in.
        func end(in bytes: [UInt8], from cursor: Int) -> Int {
            var end = cursor
            func skip(_ belongs: (UInt8) -> Bool) { while end < bytes.count, belongs(bytes[end]) { end += 1 } }
            switch ending {
            case .word: skip(CompletionScan.isWord)
            case .segment: skip(CompletionScan.isSegment)
            case .reference:
                skip(CompletionScan.isWord)
                if end < bytes.count, bytes[end] == UInt8(ascii: "{") { end += 1 }
            case .quotedSegment(let quote), .text(let quote):
                let line = bytes[cursor...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                guard let close = bytes[cursor..<line].firstIndex(of: quote) else { return cursor }
                end = close
                if case .quotedSegment = ending { end += 1 }
            }
            return end
        }
    }

    var place: Place
    var word: Word
    /// What of it stands left of the cursor, without its quote.
    var typed = ""
    var expected: ValueType?
    /// Where an argument must be one of few constants.
    var pattern: TypePattern?
    var items: [(kind: CurrentItem, type: ValueType)] = []
    /// Whether the condition of an `if` was just closed, or its first branch.
    var branch: String?
}
