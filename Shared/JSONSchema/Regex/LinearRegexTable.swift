/// The automaton's subsets as a table, made at once: a character of text costs one look-up.
///
/// None is made for patterns with `\b` (what it says hangs on two characters) or categories of Unicode (too many
/// symbols), nor where the table would pass ``LinearRegex/Bounds``.
struct LinearRegexTable: Sendable {
    /// Dead: no text that follows can match.
    private static let dead: UInt16 = .max
    /// Matched: whatever follows.
    private static let matched: UInt16 = .max - 1

    private let symbolCount: Int
    /// The symbol of each ASCII character.
    private let asciiSymbols: [UInt8]
    /// First code points of the ranges that have one symbol each, and their symbols.
    private let cuts: [UInt32]
    private let cutSymbols: [UInt8]
    private let transitions: [UInt16]
    private let acceptsAtEnd: [Bool]
    private let startMatches: Bool

    init?(_ program: LinearRegexProgram) {
        guard !program.hasWordBoundary, program.classes.allSatisfy({ $0.categories == 0 }),
            let alphabet = Self.alphabet(program.classes)
        else { return nil }
        var builder = Builder(program: program, symbols: alphabet.representatives)
        guard builder.build() else { return nil }
        cuts = alphabet.cuts
        cutSymbols = alphabet.symbols
        symbolCount = alphabet.representatives.count
        transitions = builder.transitions
        acceptsAtEnd = builder.acceptsAtEnd
        startMatches = builder.startMatches
        asciiSymbols = (UInt32(0)..<128).map { Self.symbol(of: $0, alphabet.cuts, alphabet.symbols) }
    }

    func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if startMatches { return true }
        var state = 0
        var place = 0
        while place < bytes.count {
            let symbol: UInt8
            if bytes[place] < 0x80 {
                symbol = asciiSymbols[Int(bytes[place])]
                place += 1
            } else {
                symbol = Self.symbol(of: UTF8Reader.next(bytes, &place), cuts, cutSymbols)
            }
            let next = transitions[state * symbolCount + Int(symbol)]
            if next >= Self.matched { return next == Self.matched }
            state = Int(next)
        }
        return acceptsAtEnd[state]
    }

    // MARK: Symbols

    private static func symbol(of code: UInt32, _ cuts: [UInt32], _ symbols: [UInt8]) -> UInt8 {
        var low = 0
        var high = cuts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if cuts[middle] <= code { low = middle } else { high = middle }
        }
        return symbols[low]
    }

    /// Ranges of code points that no class tells apart share a symbol. Nil where there are more than 200 symbols.
    private static func alphabet(
        _ classes: [LinearRegexClass]
    ) -> (cuts: [UInt32], symbols: [UInt8], representatives: [UInt32])? {
        var cuts: Set<UInt32> = [0]
        for set in classes {
            for range in set.ranges {
                cuts.insert(range.lowerBound)
                cuts.insert(range.upperBound + 1)
            }
        }
        var symbols: [UInt8] = []
        var representatives: [UInt32] = []
        var known: [[Bool]: UInt8] = [:]
        let sorted = cuts.sorted()
        guard sorted.count * classes.count <= 100_000 else { return nil }
        for cut in sorted {
            let signature = classes.map { $0.contains(cut) }
            if let symbol = known[signature] {
                symbols.append(symbol)
                continue
            }
            guard representatives.count < 200 else { return nil }
            known[signature] = UInt8(representatives.count)
            symbols.append(UInt8(representatives.count))
            representatives.append(cut)
        }
        return (sorted, symbols, representatives)
    }

    // MARK: Building

    private struct Builder {
        let program: LinearRegexProgram
        let symbols: [UInt32]
        var transitions: [UInt16] = []
        var acceptsAtEnd: [Bool] = []
        var startMatches = false
        private var sets: [[Int]] = []
        private var places: [[Int]: UInt16] = [:]
        private var states: LinearRegexStates

        init(program: LinearRegexProgram, symbols: [UInt32]) {
            self.program = program
            self.symbols = symbols
            states = LinearRegexStates(capacity: program.instructions.count)
        }

        /// False where the table would be too large.
        mutating func build() -> Bool {
            states.add(0, program.instructions, LinearRegexSurroundings(isStart: true))
            if states.holdsMatch {
                startMatches = true
                return true
            }
            // The start is a state of its own, for `^` holds only there.
            sets.append(states.members)
            acceptsAtEnd.append(ends(from: states.members, isStart: true))
            var state = 0
            while state < sets.count {
                for symbol in symbols {
                    guard states.work < LinearRegex.Bounds.tableWorkMax,
                        transitions.count < LinearRegex.Bounds.tableEntriesMax,
                        sets.count < Int(LinearRegexTable.matched)
                    else { return false }
                    transitions.append(next(from: sets[state], on: symbol))
                }
                state += 1
            }
            return true
        }

        private mutating func next(from set: [Int], on symbol: UInt32) -> UInt16 {
            states.clear()
            states.add(0, program.instructions, LinearRegexSurroundings())
            for member in set {
                if case .one(let place) = program.instructions[member], program.classes[place].contains(symbol) {
                    states.add(member + 1, program.instructions, LinearRegexSurroundings())
                }
            }
            if states.holdsMatch { return LinearRegexTable.matched }
            if states.members.isEmpty { return LinearRegexTable.dead }
            let members = states.members.sorted()
            if let place = places[members] { return place }
            let place = UInt16(sets.count)
            places[members] = place
            sets.append(members)
            acceptsAtEnd.append(ends(from: members, isStart: false))
            return place
        }

        /// Whether the text may end here.
        private mutating func ends(from set: [Int], isStart: Bool) -> Bool {
            states.clear()
            for member in set {
                if case .end = program.instructions[member] {
                    states.add(member, program.instructions, LinearRegexSurroundings(isStart: isStart, isEnd: true))
                }
            }
            return states.holdsMatch
        }
    }
}
