package import HTTPClient
package import Models

extension CallAnswer {
    /// Bytes of the body that are looked at for secrets before it is cut.
    private static let bytesMax = 4 * bodyBytesMax

    /// What is kept of an answer to a call that failed: of its beginning, without the secrets that were sent.
    package init(_ response: HTTPResponse, hiding authentication: HTTPAuthentication) {
        let text = String(decoding: response.body.prefix(Self.bytesMax), as: UTF8.self)
        self.init(
            status: Int64(response.status), body: SecretHiding.hide(authentication.secretTexts, in: text))
    }
}
