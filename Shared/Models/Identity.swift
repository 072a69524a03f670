/// Reads ids out of values: a text as it is, a whole number in any spelling (42, 42.0, 4.2e1) by its digits.
package enum Identity {
    /// Why a value is nobody's id, as the end of a sentence that begins with what holds it.
    package struct Refusal: Error, Sendable, Hashable {
        package let reason: String

        package init(reason: String) {
            self.reason = reason
        }
    }

    package static func text(of value: JSONValue?) -> Result<String, Refusal> {
        switch value {
        case .string(let text)? where !text.isEmpty: .success(text)
        case .string?: .failure(Refusal(reason: "is an empty text"))
        case .integer(let number)?: .success("\(number)")
        case .exact(let digits)?: isNear(digits) ? .success(digits) : .failure(Refusal(reason: beyond))
        case .decimal(let number)?: text(of: number)
        case nil, .null?: .failure(Refusal(reason: "is not there"))
        case let other?:
            .failure(Refusal(reason: "is of type \(other.typeName), where a text or a whole number is due"))
        }
    }

    private static let beyond = "is beyond 2^64 - 1; send it as a text"

    /// A whole number that the parser made a double of is written by the double's digits.
    private static func text(of number: Double) -> Result<String, Refusal> {
        guard number.rounded(.towardZero) == number else {
            return .failure(Refusal(reason: "is \(number), where a text or a whole number is due"))
        }
        guard let whole = WholeNumber.value(of: number) else { return .failure(Refusal(reason: beyond)) }
        return .success(number < 0 ? "-\(whole)" : "\(whole)")
    }

    private static func isNear(_ digits: String) -> Bool { UInt64(digits.drop { $0 == "-" }) != nil }
}
