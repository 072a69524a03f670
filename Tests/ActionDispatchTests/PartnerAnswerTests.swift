import Models
import Outbound
import Testing

@Suite("The body of a partner's answer")
struct PartnerAnswerTests {
    private static func utf16(_ text: String, big: Bool, mark: Bool = false) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit -> [UInt8] in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return big ? [high, low] : [low, high]
        }
    }

    /// `{"n":"…"}` with these bytes in the middle.
    private static func named(_ bytes: [UInt8]) -> [UInt8] {
        Array(#"{"n":""#.utf8) + bytes + Array(#""}"#.utf8)
    }

    private static let zoe = #"{"n":"Zoë €"}"#

    /// The bytes, the content type, and the name in them; nil where they cannot be read.
    static let bodies: [([UInt8], String?, String?)] = [
        (Array(zoe.utf8), nil, "Zoë €"), (Array(zoe.utf8), "application/json", "Zoë €"),
        (Array(zoe.utf8), "application/json; charset=UTF-8", "Zoë €"),
        (Array(zoe.utf8), "application/json;charset=\"utf-8\"", "Zoë €"),
        (Array(zoe.utf8), "application/json; version=2; Charset = utf8 ", "Zoë €"),
        (Array(zoe.utf8), "text/html; charset=", "Zoë €"), (Array(zoe.utf8), "application/json; charset", "Zoë €"),
        ([0xEF, 0xBB, 0xBF] + Array(zoe.utf8), nil, "Zoë €"),
        // A mark says more than the header.
        ([0xEF, 0xBB, 0xBF] + Array(zoe.utf8), "application/json; charset=iso-8859-1", "Zoë €"),
        (named([0x5A, 0x6F, 0xEB]), "application/json; charset=iso-8859-1", "Zoë"),
        (named([0x5A, 0x6F, 0xEB]), "application/json; charset=ISO-8859-1", "Zoë"),
        (named([0xEB, 0x20, 0x80, 0x99]), "application/json; charset=windows-1252", "ë €™"),
        (named([0xEB, 0x20, 0x80]), "application/json; charset=latin1", "ë €"),
        (named([0xA4, 0xBE, 0xFF]), "application/json; charset=iso-8859-15", "€Ÿÿ"),
        (named([0x81, 0xA4, 0xFF]), "application/json; charset=cp1252", "\u{81}¤ÿ"),
        (utf16(zoe, big: true, mark: true), nil, "Zoë €"), (utf16(zoe, big: false, mark: true), nil, "Zoë €"),
        (utf16(zoe, big: true), "application/json; charset=utf-16", "Zoë €"),
        (utf16(zoe, big: false), "application/json; charset=utf-16", "Zoë €"),
        (utf16(zoe, big: true), "application/json; charset=utf-16be", "Zoë €"),
        (utf16(#"{"n":"🙂"}"#, big: false), "application/json; charset=UTF-16LE", "🙂"),
        // What breaks the rules of its charset, or is in none that is known.
        (named([0x5A, 0x6F, 0xEB]), nil, nil), (named([0x5A, 0x6F, 0xEB]), "application/json; charset=us-ascii", nil),
        (Array(zoe.utf8), "application/json; charset=utf-16", nil),
        (Array(utf16(zoe, big: true, mark: true).dropLast()), nil, nil),
        (utf16(#"{"n":""#, big: true, mark: true) + [0xD8, 0x00] + utf16(#""}"#, big: true), nil, nil),
        (Array(zoe.utf8), "application/json; charset=koi8-r", nil), (Array(zoe.utf8), "a/b; charset=secret", nil),
    ]

    @Test("It is read in its charset, or not at all", arguments: bodies)
    func charsets(bytes: [UInt8], contentType: String?, name: String?) {
        let answer = PartnerAnswer(bytes, contentType: contentType)
        if let name {
            #expect(answer == .json(["n": .string(name)], repeatsKeys: false))
        } else {
            #expect(answer == .unreadable(.invalidResponse))
        }
    }

    @Test(
        "Nothing is empty, half is unreadable, and of a repeated key the last one counts",
        arguments: [
            ("", .empty), (" \r\n\t", .empty), ("\u{FEFF}", .empty), ("{", .unreadable(.invalidResponse)),
            ("{}{}", .unreadable(.invalidResponse)), ("{'a':1}", .unreadable(.invalidResponse)),
            ("null", .json(.null, repeatsKeys: false)), (#"{"a":1,"a":2}"#, .json(["a": 2], repeatsKeys: true)),
            (#"[{"a":{"b":1,"b":{}}}]"#, .json([["a": ["b": [:]]]], repeatsKeys: true)),
            (#"{"a":1,"a":2"#, .unreadable(.invalidResponse)),
        ] as [(String, PartnerAnswer)])
    func documents(text: String, answer: PartnerAnswer) {
        #expect(PartnerAnswer(Array(text.utf8), contentType: nil) == answer)
    }
}
