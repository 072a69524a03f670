import Expressions
package import Models

/// The part of an answer that a plan reads: nothing else goes into an outcome, as it lives in Redis and in the
/// instance.
package struct FieldSelection: Sendable {
    /// Bytes of the kept fields.
    package static let bytesMax = 64 << 10

    private let paths: [[String]]

    /// Paths as `a.b.'c d'`; the empty path keeps everything, no path at all nothing.
    package init(_ fields: [String]) {
        paths = fields.map { $0.isEmpty ? [] : Shape.path($0) ?? $0.split(separator: ".").map(String.init) }
    }

    /// What lies at or below the paths, in the order of the answer; nil where that is more than ``bytesMax``.
    ///
    /// A path goes through arrays: `items.price` keeps the prices of all items.
    package func kept(_ data: JSONValue) -> JSONValue? {
        if paths.isEmpty { return .object(JSONObject()) }
        let result = paths.contains(where: \.isEmpty) ? data : Self.kept(data, paths.map { $0[...] })
        guard let result else { return .null }
        // A plain `nil` beside a JSON value would be JSON's null.
        if result.bytes.count > Self.bytesMax { return Optional.none }
        return result
    }

    private static func kept(_ value: JSONValue, _ paths: [ArraySlice<String>]) -> JSONValue? {
        if paths.contains(where: \.isEmpty) { return value }
        switch value {
        case .object(let object):
            var result = JSONObject()
            for (key, inner) in object {
                let below = paths.filter { $0.first == key }.map { $0.dropFirst() }
                if !below.isEmpty, let inner = kept(inner, below) { result[key] = inner }
            }
            return .object(result)
        case .array(let items): return .array(items.compactMap { kept($0, paths) })
        default:
            // A plain value where the path goes further: the fields are not there.
            return nil
        }
    }
}
