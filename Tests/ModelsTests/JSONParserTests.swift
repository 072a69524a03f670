import Models
import Testing

@Suite("JSON: reading")
struct JSONParserTests {
    @Test(
        "What RFC 8259 allows is read",
        arguments: [
            ("null", JSONValue.null), (" \t\r\n true ", true), ("false", false), ("0", 0), ("-0", 0), ("-7", -7),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .exact("9223372036854775808")),
            ("-9223372036854775809", .exact("-9223372036854775809")),
            ("18446744073709551615", .exact("18446744073709551615")),
            ("1.5", 1.5), ("1e3", 1000.0), ("1E+3", 1000.0), ("-1.25e-2", -0.0125), ("123.456e-789", 0.0),
            ("0.1", 0.1), ("3.141592653589793238462643", 3.141592653589793), ("1.7976931348623157e308", 1.7976931348623157e308),
            ("\"\"", ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u0000""#, "\0"),
            (#""\u00e9\u20AC""#, "é€"), (#""\ud83d\ude00""#, "😀"), ("\"😀é\u{7F}\"", "😀é\u{7F}"),
            (#""\uFFFE\uDBFF\uDFFF""#, "\u{FFFE}\u{10FFFF}"),
            ("[]", []), ("{}", [:]), ("[ 1 , [ ] , { } ]", [1, [], [:]]),
            (#"{"a":1,"b":{"a":2}}"#, ["a": 1, "b": ["a": 2]]), (#"{"":0}"#, ["": 0]),
        ] as [(String, JSONValue)])
    func accepts(text: String, expected: JSONValue) throws {
        #expect(try JSONValue.parse(text) == expected)
    }

    @Test(
        "What is not JSON is refused where it goes wrong",
        arguments: [
            ("", 0, .empty), ("  ", 2, .empty), ("\u{FEFF}1", 0, .byteOrderMark), ("1 2", 2, .trailingContent),
            ("[1,]", 3, .trailingComma), (#"{"a":1,}"#, 7, .trailingComma), ("[,1]", 1, .unexpectedByte),
            ("[1,,2]", 3, .unexpectedByte), ("[1 2]", 3, .unexpectedByte), ("[", 1, .unexpectedEnd),
            ("{", 1, .unexpectedEnd), (#"{"a""#, 4, .unexpectedEnd), (#"{"a":}"#, 5, .unexpectedByte),
            ("{a:1}", 1, .unexpectedByte), ("{1:1}", 1, .unexpectedByte), ("{'a':1}", 1, .unexpectedByte),
            (#"{"a":1,"a":1}"#, 7, .duplicateKey), (#"{"a":1,"\u0061":1}"#, 7, .duplicateKey),
            ("tru", 3, .unexpectedEnd), ("True", 0, .unexpectedByte), ("nul1", 3, .unexpectedByte),
            ("NaN", 0, .unexpectedByte), ("-Infinity", 1, .invalidNumber), ("+1", 0, .unexpectedByte),
            ("01", 0, .invalidNumber), ("-01", 0, .invalidNumber), ("1.", 0, .invalidNumber),
            (".5", 0, .unexpectedByte), ("-", 1, .unexpectedEnd), ("1e", 2, .unexpectedEnd), ("[1e]", 1, .invalidNumber),
            ("0x1", 1, .trailingContent), ("1e400", 0, .numberOutOfRange), ("1e99999999999", 0, .numberOutOfRange),
            (#""\x""#, 1, .invalidEscape), (#""\u12""#, 1, .invalidEscape), (#""\U0041""#, 1, .invalidEscape),
            (#""\ud800""#, 1, .loneSurrogate), (#""\udc00""#, 1, .loneSurrogate), (#""\ud800\u0041""#, 1, .loneSurrogate),
            ("\"a\nb\"", 2, .controlCharacter), ("\"a\0b\"", 2, .controlCharacter), ("\"a", 2, .unexpectedEnd),
            ("\"a\\", 3, .unexpectedEnd), ("// c\n1", 0, .unexpectedByte), ("\u{A0}1", 0, .unexpectedByte), ("\0", 0, .unexpectedByte),
        ] as [(String, Int, JSONError.Reason)])
    func refuses(text: String, offset: Int, reason: JSONError.Reason) {
        #expect(throws: JSONError(offset: offset, reason: reason)) { try JSONValue.parse(text) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xC3, 0x22], [0x22, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func refusesBadUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
    }

    @Test("UTF-16 is refused")
    func refusesUTF16() {
        #expect(throws: JSONError.self) { try JSONValue.parse([0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00]) }
        #expect(throws: JSONError.self) { try JSONValue.parse([0x00, 0x5B, 0x00, 0x5D]) }
    }

    @Test("Depth is taken up to the limit and refused past it")
    func depth() throws {
        let deepest = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        _ = try JSONValue.parse(deepest)
        #expect(throws: JSONError(offset: 128, reason: .tooDeep)) { try JSONValue.parse("[" + deepest + "]") }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: #"{"a":"#, count: 1_000_000)) }
    }

    @Test("A large object finds its members and its duplicates")
    func largeObject() throws {
        let pairs = (0..<10_000).map { "\"key\($0)\":\($0)" }
        let value = try JSONValue.parse("{" + pairs.joined(separator: ",") + "}")
        #expect(value["key9999"] == 9999)
        #expect(value.objectValue?.count == 10_000)
        #expect(throws: JSONError.self) {
            try JSONValue.parse("{" + (pairs + ["\"key5000\":1"]).joined(separator: ",") + "}")
        }
    }

    @Test("Where it is asked for, the last one of a repeated key counts, at the first one's place")
    func repeatedKeys() throws {
        let text = #"{"a":1,"b":{"c":2,"c":[3]},"a":null}"#
        let limits = JSONLimits(keepsLastOfRepeatedKeys: true)
        #expect(try JSONValue.parse(text, limits: limits).text == #"{"a":null,"b":{"c":[3]}}"#)
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }
}
