import HTTPClient
import Models
import Outbound

/// Makes the HTTP request of a custom action.
enum ActionCall {
    /// The request without its time-out.
    ///
    /// - Parameter authentication: opened, or masked for a request that is only shown.
    static func request(
        _ action: ActionDefinition, parameters: JSONObject, idempotencyKey: String?,
        authentication: HTTPAuthentication
    ) throws(CallProblem) -> HTTPRequest {
        for parameter in action.parameters where parameter.isRequired {
            if (parameters[parameter.name] ?? .null).isNull && !parameter.allowsNull {
                throw CallProblem(.missingParameter, parameter: parameter.name)
            }
        }
        let allowNull = Set(action.parameters.filter(\.allowsNull).map(\.name))
        let method = HTTPMethod(rawValue: action.method) ?? .post
        var request = HTTPRequest(method, try ParameterPlaces.url(action.url, parameters))
        for (name, value) in action.query {
            if let filled = ParameterPlaces.filled(value, parameters), let text = ParameterPlaces.text(filled) {
                request.addQuery(name, text)
            }
        }
        if let body = action.body {
            request.body = (ParameterPlaces.filled(body, parameters, allowNull: allowNull) ?? .null).bytes
            request.headers["Content-Type"] = "application/json"
        }
        request.headers["Accept"] = "application/json"
        for (name, value) in action.headers {
            guard let filled = ParameterPlaces.filled(value, parameters), let text = ParameterPlaces.text(filled) else {
                continue
            }
            // A line break would begin another header.
            if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                throw CallProblem(.invalidParameter, parameter: Placeholders.parameter(value) ?? name)
            }
            request.headers[name] = text
        }
        if let idempotencyKey { request.headers["Idempotency-Key"] = idempotencyKey }
        request.responseBytesMax = Limits.responseBytesMax
        request.lostBody = .leftOutOfSuccess
        request.redirects = .follow(max: Limits.redirectsMax)
        authentication.apply(to: &request)
        return request
    }

    /// What the journey sees of an answer: the response's fields, those of a failure under `errorResponse`.
    ///
    /// What an action did is told by the status alone. Where a field that the journey reads cannot be had, it is null
    /// and the note says why.
    static func response(
        _ response: HTTPResponse, fields: [String]
    ) -> (value: JSONValue, note: PartnerAnswer.Note?) {
        if let loss = response.bodyLoss { return (.null, loss == .tooLong ? .responseTooLarge : .invalidResponse) }
        let isSuccess = (200..<300).contains(response.status)
        // Of a body that nothing is read of nothing can be missing.
        let isRead = fields.contains { $0.isEmpty || $0.hasPrefix(errorField) != isSuccess }
        guard isRead else { return (.null, nil) }
        switch PartnerAnswer(response) {
        case .empty, .json(.null, _): return (.null, nil)
        case .unreadable(let note): return (.null, note)
        case .json(let value, let repeatsKeys):
            if isSuccess, value.objectValue == nil { return (.null, .invalidResponse) }
            let kept = FieldSelection(fields).kept(isSuccess ? value : [errorField: value])
            guard let kept else { return (.null, .responseTooLarge) }
            return (kept, repeatsKeys ? .repeatedKey : nil)
        }
    }

    private static let errorField = "errorResponse"
}
