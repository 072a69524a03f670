import Foundation
import Models

extension FunctionTable {
    static let value: [FunctionEntry] = [
        FunctionEntry(
            "base64", .value, [Signature(["text": .string], .string)],
            "Writes the UTF-8 of a text in Base64.", example: "base64(\"Ada\")", result: "\"QWRh\""
        ) { (arguments, _) throws(FunctionFailure) in
            .string(Data(try arguments.string(0).utf8).base64EncodedString())
        },
        FunctionEntry(
            "coalesce", .value, [Signature(["value": .anything], .joined, isVariadic: true)],
            "Gives the first argument that is not null, and evaluates none behind it.",
            example: "coalesce(#{profile.nickname}, \"friend\")", result: "\"friend\"", nulls: .skipped
        ) { (arguments, _) throws(FunctionFailure) in
            arguments.values.first { !$0.isNull } ?? .null
        },
        FunctionEntry(
            "toJSON", .value, [Signature(["value": .anything], .string)],
            "Writes a value as JSON, dates and durations as ISO 8601 texts.", example: "toJSON([1, null, 2.5])",
            result: "\"[1,null,2.5]\"", nulls: .accepted
        ) { (arguments, _) throws(FunctionFailure) in
            .string(arguments[0].json.text)
        },
    ]
}
