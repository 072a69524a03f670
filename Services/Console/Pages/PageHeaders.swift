import JSONRPC

/// The headers that keep the page and the session to themselves.
enum PageHeaders {
    /// Everything comes from the console; no inline script or style, no frame, no text that becomes markup.
    static let contentSecurityPolicy = [
        "default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    static let ofPages: [(name: String, value: String)] =
        [
            ("content-security-policy", contentSecurityPolicy), ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ] + ofAll

    static let ofAll: [(name: String, value: String)] = [
        ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
    ]
}

extension HTTPAnswer {
    /// For answers about a person: kept by nobody, read by no other site.
    var withPrivateHeaders: HTTPAnswer {
        var answer = self
        answer.headers += PageHeaders.ofAll
        answer.headers += [("cache-control", "no-store"), ("cross-origin-resource-policy", "same-origin")]
        return answer
    }
}
