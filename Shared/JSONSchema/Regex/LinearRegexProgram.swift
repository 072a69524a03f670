/// The Thompson automaton of a pattern, and its simulation: all states at once, each at most once a character.
struct LinearRegexProgram: Sendable {
    enum Instruction: Sendable {
        /// Takes a character of this class, then the next instruction follows.
        case one(Int)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case wordBoundary(isNegated: Bool)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var classes: [LinearRegexClass] = []
    private var classPlaces: [LinearRegexClass: Int] = [:]

    init(_ node: LinearRegexNode) throws(LinearRegexError) {
        try add(node)
        try append(.match)
    }

    var hasWordBoundary: Bool {
        instructions.contains {
            if case .wordBoundary = $0 { return true }
            return false
        }
    }

    // MARK: Building

    private mutating func append(_ instruction: Instruction) throws(LinearRegexError) {
        guard instructions.count < LinearRegex.Bounds.instructionsMax else {
            let reason = "the pattern is too large once its {m,n} are written out: use maxLength or fewer repetitions"
            throw LinearRegexError(kind: .tooLarge, offset: 0, reason: reason)
        }
        instructions.append(instruction)
    }

    private mutating func add(_ node: LinearRegexNode) throws(LinearRegexError) {
        switch node {
        case .empty: break
        case .one(let set): try append(.one(place(of: set)))
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let alternatives): try add(alternatives: alternatives)
        case .repeated(let part, let min, let max): try add(part, min: min, max: max)
        case .start: try append(.start)
        case .end: try append(.end)
        case .wordBoundary(let isNegated): try append(.wordBoundary(isNegated: isNegated))
        }
    }

    private mutating func place(of set: LinearRegexClass) -> Int {
        if let place = classPlaces[set] { return place }
        classPlaces[set] = classes.count
        classes.append(set)
        return classes.count - 1
    }

    private mutating func add(alternatives: [LinearRegexNode]) throws(LinearRegexError) {
        var jumps: [Int] = []
        for alternative in alternatives.dropLast() {
            let split = instructions.count
            try append(.split(split + 1, 0))
            try add(alternative)
            jumps.append(instructions.count)
            try append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        if let last = alternatives.last { try add(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func add(_ part: LinearRegexNode, min: Int, max: Int?) throws(LinearRegexError) {
        for _ in 0..<min {
            let before = instructions.count
            try add(part)
            // What is written with no instruction stays so, however often it is repeated.
            if instructions.count == before { return }
        }
        guard let max else {
            let split = instructions.count
            try append(.split(split + 1, 0))
            try add(part)
            try append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<max {
            let split = instructions.count
            splits.append(split)
            try append(.split(split + 1, 0))
            try add(part)
            if instructions.count == split + 1 { break }
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }
}

/// Where in the text a set of states stands: what the assertions ask.
struct LinearRegexSurroundings {
    var isStart = false
    var isEnd = false
    var isWordBoundary = false
}

/// A set of instructions that is cleared at once, with room to walk it.
struct LinearRegexStates {
    private(set) var members: [Int] = []
    private var stamps: [Int]
    private var stamp = 1
    private var pending: [Int] = []
    private(set) var holdsMatch = false
    /// Instructions looked at since the beginning.
    private(set) var work = 0

    init(capacity: Int) {
        stamps = Array(repeating: 0, count: capacity)
        members.reserveCapacity(capacity)
        pending.reserveCapacity(capacity)
    }

    mutating func clear() {
        members.removeAll(keepingCapacity: true)
        stamp += 1
        holdsMatch = false
    }

    /// Adds an instruction and all that is reached from it without a character. `$` stays a member where it does not
    /// hold yet, for the end of the text to come.
    mutating func add(_ first: Int, _ instructions: [LinearRegexProgram.Instruction], _ here: LinearRegexSurroundings) {
        pending.append(first)
        while let place = pending.popLast() {
            if stamps[place] == stamp { continue }
            stamps[place] = stamp
            work += 1
            switch instructions[place] {
            case .one: members.append(place)
            case .split(let one, let other):
                pending.append(other)
                pending.append(one)
            case .jump(let target): pending.append(target)
            case .start: if here.isStart { pending.append(place + 1) }
            case .end: if here.isEnd { pending.append(place + 1) } else { members.append(place) }
            case .wordBoundary(let isNegated): if here.isWordBoundary != isNegated { pending.append(place + 1) }
            case .match: holdsMatch = true
            }
        }
    }
}

extension LinearRegexProgram {
    /// Whether valid UTF-8 holds a match: at most every instruction once a character.
    func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var states = LinearRegexStates(capacity: instructions.count)
        var seeds: [Int] = []
        var place = 0
        var previousIsWord = false
        while true {
            var following = place
            let code = place < bytes.count ? UTF8Reader.next(bytes, &following) : nil
            let isWord = code.map(LinearRegexClass.isWordLetter) ?? false
            let here = LinearRegexSurroundings(
                isStart: place == 0, isEnd: code == nil, isWordBoundary: previousIsWord != isWord)
            states.clear()
            states.add(0, instructions, here)
            for seed in seeds { states.add(seed, instructions, here) }
            if states.holdsMatch { return true }
            guard let code else { return false }
            seeds.removeAll(keepingCapacity: true)
            for member in states.members {
                if case .one(let set) = instructions[member], classes[set].contains(code) { seeds.append(member + 1) }
            }
            place = following
            previousIsWord = isWord
        }
    }
}
