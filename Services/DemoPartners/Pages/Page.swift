import JSONRPC

/// The frame of every page.
enum Page {
    static func answer(title: String, refreshSeconds: Int, _ content: HTML) -> HTTPAnswer {
        let page: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="refresh" content="\(refreshSeconds)">
            <title>\(title)</title>
            <link rel="stylesheet" href="/partners.css">
            </head>
            <body>
            <header><a href="/">Demo partners</a></header>
            <main>
            <h1>\(title)</h1>
            \(content)
            </main>
            </body>
            </html>

            """
        return HTTPAnswer.bytes(Array(page.text.utf8), type: "text/html; charset=utf-8")
            .adding("content-security-policy", "default-src 'none'; style-src 'self'")
            .adding("cache-control", "no-store")
    }
}
