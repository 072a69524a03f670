import Crypto
import JSONRPC

/// One file that browsers ask for, in memory, with its name by content.
struct WebFile: Sendable {
    /// From the root of the site: `/app/main.js`.
    let path: String
    let bytes: [UInt8]
    let type: String
    /// Strong: the same for the same bytes only.
    let tag: String

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        type = Self.type(ofFile: path)
        let digest = SHA256.hash(data: bytes).prefix(16)
        tag = "\"" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
    }

    static func type(ofFile path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    /// The file, or 304 where the browser has it. `no-cache`: kept, and asked about before each use, so that a new
    /// version of the console never meets an old part of its page.
    func answer(ifNoneMatch: String?) -> HTTPAnswer {
        let isKnown = Self.matches(tag, ifNoneMatch)
        var answer = isKnown ? HTTPAnswer.empty(status: 304) : HTTPAnswer.bytes(bytes, type: type)
        answer.headers += [("etag", tag), ("cache-control", "no-cache")] + PageHeaders.ofPages
        return answer
    }

    /// RFC 9110, 13.1.2: the weak comparison, since all that counts is what the browser has.
    static func matches(_ tag: String, _ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let trimmed = part.drop { $0 == " " }.prefix { $0 != " " }
            return trimmed == "*" || trimmed == tag || trimmed == "W/" + tag
        }
    }
}

/// The routes of the page's files.
struct FileRoutes: Sendable {
    let files: [WebFile]

    func register(in routes: inout HTTPRoutes) {
        for file in files {
            let handler: HTTPRoutes.Handler = { call throws(HTTPRefusal) in
                file.answer(ifNoneMatch: call.header("if-none-match"))
            }
            routes.on(.get, file.path, handler)
            if file.path == "/index.html" { routes.on(.get, "/", handler) }
        }
    }
}
