package import HTTPClient
package import Models

/// The body of a third party's answer as JSON, read as kindly as is safe.
///
/// Beyond what Sojourn takes itself: a byte order mark, another charset than UTF-8 where `Content-Type` names it, and
/// objects with a repeated key, of which the last one counts. `gzip` and `deflate` are undone before.
package enum PartnerAnswer: Sendable, Hashable {
    /// What is said in the step about an answer that was not taken as it stands.
    package enum Note: String, Sendable, Hashable {
        /// The body, or what is kept of it, is longer than the bound.
        case responseTooLarge
        /// The body is no JSON, or in a coding or charset that is not known.
        case invalidResponse
        /// An object has a key twice; the last one counts.
        case repeatedKey
    }

    case json(JSONValue, repeatsKeys: Bool)
    /// There is no body, or one of blanks.
    case empty
    case unreadable(Note)

    package init(_ response: HTTPResponse) {
        switch response.bodyLoss {
        case .tooLong?: self = .unreadable(.responseTooLarge)
        case .unreadable?, .incomplete?: self = .unreadable(.invalidResponse)
        case nil: self.init(response.body, contentType: response.headers["Content-Type"])
        }
    }

    package init(_ body: [UInt8], contentType: String?) {
        guard let utf8 = Charset.utf8(body, contentType: contentType) else {
            self = .unreadable(.invalidResponse)
            return
        }
        do throws(JSONError) {
            self = .json(try JSONValue.parse(utf8), repeatsKeys: false)
        } catch {
            switch error.reason {
            case .empty: self = .empty
            case .duplicateKey:
                let value = try? JSONValue.parse(utf8, limits: JSONLimits(keepsLastOfRepeatedKeys: true))
                self = value.map { .json($0, repeatsKeys: true) } ?? .unreadable(.invalidResponse)
            default: self = .unreadable(.invalidResponse)
            }
        }
    }

    /// The JSON; nil where there is none.
    package var value: JSONValue? {
        if case .json(let value, _) = self { return value }
        return nil
    }
}
