package import HTTPClient
package import Models

extension CallAnswer {
    /// Bytes of the body that are looked at for what must not be shown, before it is cut.
    private static let bytesMax = 4 * bodyBytesMax

    /// What is kept of an answer to a call that failed: of its beginning, without the credentials and the values that
    /// were sent, which a third party may send back.
    package init(_ response: HTTPResponse, hiding authentication: HTTPAuthentication, _ sent: JSONObject) {
        let text = String(decoding: response.body.prefix(Self.bytesMax), as: UTF8.self)
        let hidden = authentication.secretTexts + SecretHiding.texts(in: .object(sent))
        self.init(status: Int64(response.status), body: SecretHiding.hide(hidden, in: text))
    }
}
