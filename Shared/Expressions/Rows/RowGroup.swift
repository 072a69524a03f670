import Models

/// A condition in its simple form: rows that compare one field each, joined by `and` or `or`.
package struct RowGroup: Sendable, Hashable {
    package enum Member: Sendable, Hashable {
        case row(Row)
        case group(RowGroup)
    }

    package var isAnd: Bool
    package var isNegated: Bool
    /// At least one.
    package var members: [Member]

    package init(isAnd: Bool = true, isNegated: Bool = false, _ members: [Member]) {
        self.isAnd = isAnd
        self.isNegated = isNegated
        self.members = members
    }
}

/// One field and what is asked of it.
package struct Row: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        /// A string, a number, a boolean, or a list of these.
        case literal(JSONValue)
        /// Anything else, as text: another field, a date, something computed.
        case expression(String)
    }

    /// The text of a reference; empty for ``RowOperator/inAudience``.
    package var field: String
    package var test: RowOperator
    /// nil for operators that need none.
    package var value: Value?

    package init(_ field: String, _ test: RowOperator, _ value: Value? = nil) {
        self.field = field
        self.test = test
        self.value = value
    }
}

/// What a row asks. Each has one form as text.
package enum RowOperator: String, Sendable, CaseIterable {
    case equals, notEquals, less, lessOrEqual, greater, greaterOrEqual
    case isNull, isNotNull, hasNull, isNumeric, isInteger, isDecimal
    /// The field alone, as a condition.
    case isTrue
    /// `== false`
    case isFalse
    case isEmpty, isNotEmpty
    case contains, containsIgnoreCase, startsWith, startsWithIgnoreCase, endsWith, endsWithIgnoreCase
    case equalsIgnoreCase, notEqualsIgnoreCase, matches
    case inLastHours, inLastDays, inLastMonths, inLastYears, inNextHours, inNextDays, inNextMonths, inNextYears
    /// The field is one of the value's items.
    case `in`
    /// The value is one of the field's items.
    case includes
    case inAudience

    var comparison: ComparisonOperator? {
        switch self {
        case .equals: .equal
        case .notEquals: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    init(_ comparison: ComparisonOperator) {
        switch comparison {
        case .equal: self = .equals
        case .notEqual: self = .notEquals
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        }
    }

    var valueTest: ValueTest? {
        switch self {
        case .isNull: .isNull
        case .isNotNull: .isNotNull
        case .hasNull: .hasNull
        case .isNumeric: .isNumeric
        case .isInteger: .isInteger
        case .isDecimal: .isDecimal
        default: nil
        }
    }

    init(_ test: ValueTest) {
        switch test {
        case .isNull: self = .isNull
        case .isNotNull: self = .isNotNull
        case .hasNull: self = .hasNull
        case .isNumeric: self = .isNumeric
        case .isInteger: self = .isInteger
        case .isDecimal: self = .isDecimal
        }
    }

    /// The function whose first argument is the field.
    var function: String? {
        switch self {
        case .isEmpty, .isNotEmpty, .in, .inLastHours, .inLastDays, .inLastMonths, .inLastYears, .inNextHours,
            .inNextDays, .inNextMonths, .inNextYears:
            rawValue
        case .contains: "contain"
        case .containsIgnoreCase: "containIgnoreCase"
        case .startsWith: "startWith"
        case .startsWithIgnoreCase: "startWithIgnoreCase"
        case .endsWith: "endWith"
        case .endsWithIgnoreCase: "endWithIgnoreCase"
        case .equalsIgnoreCase: "equalIgnoreCase"
        case .notEqualsIgnoreCase: "notEqualIgnoreCase"
        case .matches: "matchRegExp"
        default: nil
        }
    }

    static let byFunction = Dictionary(
        uniqueKeysWithValues: allCases.compactMap { test in test.function.map { ($0, test) } })

    var needsValue: Bool {
        switch self {
        case .isTrue, .isFalse, .isEmpty, .isNotEmpty: false
        default: valueTest == nil
        }
    }
}

extension RowGroup {
    /// The fields of all rows, each once, in their order.
    package var fields: [String] {
        var fields: [String] = []
        for member in members {
            switch member {
            case .row(let row) where row.test != .inAudience: fields.appendIfNew(row.field)
            case .row: break
            case .group(let group): for field in group.fields { fields.appendIfNew(field) }
            }
        }
        return fields
    }
}
