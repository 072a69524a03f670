import Models
import Testing

@testable import Expressions

/// The facts that the tables of these tests speak about, and the scope that is inferred from them.
enum World {
    /// 2026-01-01T00:00:00Z.
    static let now: Int64 = 1_767_225_600_000

    static let values: JSONValue = [
        "event": [
            "order": [
                "id": "o-1", "total": 60.5, "count": 3, "gift": true, "note": nil, "at": "2025-12-31T22:00:00Z",
                "customer": ["id": "c-1", "first-name": "Ada"],
                "items": [
                    ["sku": "a", "price": 2.5, "tags": ["x", "y"]],
                    ["sku": "b", "price": 12.5, "tags": ["y"]],
                    ["sku": "c", "tags": []],
                ],
                "prices": ["EUR": 10, "USD": 11],
            ]
        ],
        "profile": [
            "tier": "gold", "points": 120, "3h": 5, "birthday": "1990-05-17", "lastVisit": "2025-12-31T23:30:00Z",
            "address": ["city": "Paris"], "span": "PT2H", "numbers": [3, 1, 2], "holes": [1, nil, 3],
            "orders": [
                ["id": 1, "state": "open", "total": 10], ["id": 2, "state": "paid", "total": 30],
                ["id": 3, "state": "open", "total": 20],
            ],
        ],
        "sources": ["weather": ["now": ["temp": 21.5, "rain": ["3h": 0.5], "ids": [800, 801]]]],
        "actions": ["sms": ["id": "m-1", "jo_status_code": "http_200", "parts": [["n": 1], ["n": 2]]]],
        "journey": ["journeyUID": "j-1", "journeyVersion": 3, "lastDataFetchElapsedTime": 12],
        "audiences": ["vips"],
        "experienceEvents": [["type": "visit", "page": "b"], ["type": "order"], ["type": "visit", "page": "a"]],
        "keptEvents": ["visited": [["page": "b"], ["page": "a"]]],
    ]

    static func scope() throws -> ExpressionScope {
        try ExpressionScope.inferred(from: values)
    }

    static func evaluate(_ text: String, zone: Zone = .utc) throws -> Value {
        var context = EvaluationValues(values: values, now: now, zone: zone)
        context.seed = 42
        return try Expression.compile(text, in: scope()).evaluate(in: context)
    }

    /// The value as JSON text, or `error: code` where evaluation fails, or `refused: code` where checking does.
    static func outcome(_ text: String) throws -> String {
        do {
            return try evaluate(text).json.text
        } catch let error as ExpressionError {
            return "refused: \(error.code.rawValue)"
        } catch EvaluationFailure.error(let error) {
            return "error: \(error.code.rawValue)"
        } catch {
            throw error
        }
    }
}

/// An expression and what becomes of it.
struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let outcome: String

    init(_ text: String, _ outcome: String) {
        self.text = text
        self.outcome = outcome
    }

    var testDescription: String { text }
}
