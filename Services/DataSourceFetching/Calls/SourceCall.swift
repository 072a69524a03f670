import HTTPClient
import Models
import Outbound

/// Makes the HTTP request of one look-up.
enum SourceCall {
    /// The request without its time-out, authentication included.
    ///
    /// A parameter named in braces in the URL goes into the path (or wherever it stands), percent-encoded; of a POST
    /// whose body names it, into the body; any other into the query. One that is null is left out, but in the URL.
    ///
    /// - Parameter authentication: opened, or with masks for a request that is only shown.
    static func request(
        _ group: DataSourceDefinition.Group, parameters: JSONObject, authentication: HTTPAuthentication
    ) throws(LookupFailure) -> HTTPRequest {
        let url: String
        do { url = try ParameterPlaces.url(group.url, parameters) } catch { throw LookupFailure(error) }
        var request = HTTPRequest(group.method == "POST" ? .post : .get, url)
        let placed = Placeholders.inURL(group.url) + (group.body.map(Placeholders.inJSON) ?? [])
        for name in group.parameters where !placed.contains(name) {
            if let text = ParameterPlaces.text(parameters[name]) { request.addQuery(name, text) }
        }
        request.headers["Accept"] = "application/json"
        if let body = group.body, group.method == "POST" {
            request.body = (ParameterPlaces.filled(body, parameters) ?? .null).bytes
            request.headers["Content-Type"] = "application/json"
        }
        for header in group.headers { request.headers[header.name] = header.value }
        request.responseBytesMax = Limits.responseBytesMax
        // Whatever the body, the status says first what became of the call.
        request.lostBody = .leftOut
        request.redirects = .follow(max: Limits.redirectsMax)
        authentication.apply(to: &request)
        return request
    }
}
