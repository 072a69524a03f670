/// What the command line says.
struct Options: Equatable {
    enum Wish: Equatable {
        case serve, help, version
    }

    /// A command line that cannot be followed.
    struct Mistake: Error {
        let sentence: String
    }

    var wish = Wish.serve
    var host = "127.0.0.1"
    var port = 7_106
    /// None: no mail is taken.
    var mailPort: Int?

    static let version = "demo-partners 0.1.0"

    static let help = """
        demo-partners: the partner systems of Sojourn's examples, in one process.

          --host ADDRESS     where to listen (default 127.0.0.1)
          --port NUMBER      HTTP port (default 7106; 0 takes any free one)
          --smtp-port NUMBER port of the mail server (default: no mail is taken; 0 takes any free one)
          --help, --version
        """

    /// Reads `--name value` and `--name=value`.
    init(_ arguments: [String]) throws(Mistake) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch parts[0] {
            case "--help", "-h": wish = .help
            case "--version": wish = .version
            case "--host": host = try Self.value(of: parts, &rest)
            case "--port": port = try Self.number(try Self.value(of: parts, &rest), of: parts[0])
            case "--smtp-port": mailPort = try Self.number(try Self.value(of: parts, &rest), of: parts[0])
            default: throw Mistake(sentence: "demo-partners: there is no option \(parts[0]); see --help")
            }
        }
    }

    private static func value(of parts: [String], _ rest: inout ArraySlice<String>) throws(Mistake) -> String {
        guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else {
            throw Mistake(sentence: "demo-partners: \(parts[0]) needs a value")
        }
        return value
    }

    private static func number(_ text: String, of name: String) throws(Mistake) -> Int {
        guard let number = UInt16(text) else {
            throw Mistake(sentence: "demo-partners: \(name) needs a number from 0 to 65535")
        }
        return Int(number)
    }
}
