import Foundation
internal import HTTPClient
package import Models

/// A call that cannot be made from its definition and its parameters.
package struct CallProblem: Error, Sendable, Hashable {
    package enum Code: String, Sendable {
        /// A parameter that the URL names is missing, null or empty.
        case missingParameter
        /// A parameter would leave its place: `.` or `..` as a part of a path, a control character in a header.
        case invalidParameter
    }

    package let code: Code
    /// The parameter's name.
    package let parameter: String

    package init(_ code: Code, parameter: String) {
        self.code = code
        self.parameter = parameter
    }
}

/// Puts parameters where a definition names them.
package enum ParameterPlaces {
    /// A parameter's value as text: a number in digits, a truth value as JSON writes it, nil for null.
    package static func text(_ value: JSONValue?) -> String? {
        switch value {
        case nil, .null?: nil
        case .string(let text)?: text
        case .decimal(let number)?: PlainNumber.text(number)
        case let value?: value.text
        }
    }

    /// The URL with the value of each `{parameter}`, percent-encoded.
    ///
    /// Dot segments are resolved before a request is sent, encoded ones too: they would leave the path, so they are
    /// refused.
    package static func url(_ url: String, _ parameters: JSONObject) throws(CallProblem) -> String {
        var result = url
        for name in Placeholders.inURL(url) {
            guard let text = text(parameters[name]), !text.isEmpty else {
                throw CallProblem(.missingParameter, parameter: name)
            }
            if text == "." || text == ".." { throw CallProblem(.invalidParameter, parameter: name) }
            result = result.replacing("{\(name)}", with: PercentEncoding.component(text))
        }
        return result
    }

    /// JSON with the values of the parameters in their places. A part whose value is null is left out, unless its
    /// parameter is one of those that `allowNull`.
    package static func filled(
        _ value: JSONValue, _ parameters: JSONObject, allowNull: Set<String> = []
    ) -> JSONValue? {
        if let name = Placeholders.parameter(value) {
            guard let given = parameters[name], !given.isNull else { return allowNull.contains(name) ? .null : nil }
            return given
        }
        switch value {
        case .object(let object):
            return .object(
                JSONObject(
                    object.compactMap { member in
                        filled(member.value, parameters, allowNull: allowNull).map { (member.key, $0) }
                    }))
        case .array(let items):
            return .array(items.compactMap { filled($0, parameters, allowNull: allowNull) })
        default: return value
        }
    }
}

/// Scheme, host and port of an URL: what breakers and bulkheads go by.
package enum Endpoint {
    /// The text up to the path, lower case; user text after it never gets into a key or a log.
    package static func of(_ url: String) -> String {
        let mark = "://".utf8
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")), url.utf8[colon...].starts(with: mark) else {
            return url.lowercased()
        }
        let rest = url.utf8[colon...].dropFirst(mark.count)
        let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        return url[..<end].lowercased()
    }
}
