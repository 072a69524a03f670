import Crypto
import Foundation
import Models

extension FunctionTable {
    static let value: [FunctionEntry] = [
        FunctionEntry(
            "base64", .value, [Signature(["text": .string], .string)],
            "Writes the UTF-8 of a text in Base64.", example: "base64(\"Ada\")", result: "\"QWRh\""
        ) { (arguments, run) throws(FunctionFailure) in
            let text = try arguments.string(0)
            try run.spend(textBytes: text.utf8.count / 3 * 4)
            return .string(Data(text.utf8).base64EncodedString())
        },
        FunctionEntry(
            "coalesce", .value, [Signature(["value": .anything], .joined, isVariadic: true)],
            "Gives the first argument that is not null, and evaluates none behind it.",
            example: "coalesce(#{profile.nickname}, \"friend\")", result: "\"friend\"", nulls: .skipped
        ) { (arguments, _) throws(FunctionFailure) in
            arguments.values.first { !$0.isNull } ?? .null
        },
        FunctionEntry(
            "sha256", .value, [Signature(["text": .string], .string)],
            "Gives the SHA-256 of the UTF-8 of a text in 64 hexadecimal digits, lower case.",
            example: "sha256(\"Ada\")",
            result: "\"99a563ab2f6e21e96998f9fddd2a2bab82b70ac019579502b8d7fc0032ff62bb\""
        ) { (arguments, _) throws(FunctionFailure) in
            .string(Text.hexadecimal(SHA256.hash(data: Data(try arguments.string(0).utf8))))
        },
        FunctionEntry(
            "toJSON", .value, [Signature(["value": .anything], .string)],
            "Writes a value as JSON, dates and durations as ISO 8601 texts.", example: "toJSON([1, null, 2.5])",
            result: "\"[1,null,2.5]\"", nulls: .accepted
        ) { (arguments, run) throws(FunctionFailure) in
            let json = arguments[0].json
            try run.spend(textBytes: json.textBytesMin)
            return .string(json.text)
        },
    ]
}

extension JSONValue {
    /// Bytes that its text has at least: what is in quotes, and the signs between.
    fileprivate var textBytesMin: Int {
        switch self {
        case .string(let text): text.utf8.count + 2
        case .array(let items): items.reduce(2 + items.count) { $0 + $1.textBytesMin }
        case .object(let object): object.reduce(2 + object.count) { $0 + $1.key.utf8.count + 3 + $1.value.textBytesMin }
        case .exact(let digits): digits.utf8.count
        default: 1
        }
    }
}
