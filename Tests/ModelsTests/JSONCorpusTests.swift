import Models
import Testing

/// Cases in the classes of the public parsing corpus (what must be read, what must be refused, what must only be
/// survived), made here by their rules.
@Suite("JSON: the classes of the public corpus")
struct JSONCorpusTests {
    static let badNumbers = [
        "++1234", "+1", "+Inf", "-01", "-1.0.", "-2.", "-NaN", ".-1", ".2e-3", "0.1.2", "0.3e+", "0.3e", "0.e1", "0E+", "0E",
        "0e+", "0e", "1.0e+", "1.0e-", "1.0e", "1 000.0", "1eE2", "2.e+3", "2.e-3", "2.e3", "9.e+", "Inf", "NaN", "\u{FF11}",
        "1+2", "0x1", "0x42", "Infinity", "0e+-1", "-123.123foo", "-Infinity", "-foo", "- 1", "-012", "-.123", "-1x",
        "1ea", "1.", ".123", "1.2a-3", "1.8011670033376514H-308", "012", "-", "--1", "1e1.5", "0b1", "1_000", "١",
    ]
    static let badStrings = [
        #""\u00A""#, #""\uD834\Dd""#, #""\uD800\u""#, #""\uD800\u1""#, #""\uD800\u1x""#, "\"\\\u{0}\"", #""\x00""#,
        #""\\\""#, "\"\\\t\"", "\"\\🌀\"", #""\""#, #""\a""#, #""\uqqqq""#, #""\"#, "é", "abc", "'single'", "\"new\nline\"",
        "\"tab\t\"", "\"\u{1}\"", "\"\u{1F}\"", #""\UA66D""#, "\"", "\"asd", #"\u0020"asd""#, #""\ud83d\ude""#, "“curly”",
    ]
    static let badArrays = [
        "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"", "[x", "[3[4]]",
        "[1:2]", "[,]", "[-]", "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[\"\u{B}a\"\\f]", "[*]", "[\"\"", "[1,",
        "[1,\n1\n,1", "[{}", "[", "]", "[1}", "[1;2]",
    ]
    static let badObjects = [
        "{[: \"x\"}", "{\"x\", null}", "{\"x\"::\"b\"}", "{🇨🇭}", "{\"a\":\"a\" 123}", "{key: 'value'}", "{\"a\" b}", "{:\"b\"}",
        "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}", "{9999E9999:1}", "{null:null,null:null}", "{\"id\":0,,,,,}",
        "{'a':0}", "{\"id\":0,}", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}/**//", "{\"a\":\"b\"}//", "{\"a\":\"b\"}/",
        "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a", "{ \"foo\" : \"bar\", \"a\" }", "{\"a\":\"b\"}#", "{",
        "}", "{]", "{,", "{\"a\"=1}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":1}",
    ]
    static let badStructures = [
        "", " ", "<.>", "[<null>]", "[1]x", "[1]]", "[\"asd]", "[True]", "1]", "{\"x\": true,", "[][]", "2@", "{}}",
        "{\"\":", "{\"a\":/*comment*/\"b\"}", "{\"a\": true} \"x\"", "['", "[,", "[{", "[\"a", "[\"a\"", "{\"a\":\"a\"",
        "*", "[\"a\",4,1,", "[false, nul", "[true, fals", "[false, tru", "[\u{2060}]", "\u{FEFF}", "\u{FEFF}{}", "å", "nu",
        "tru", "fals", "nulll", "TRUE", "Null", "[\u{C}]", "\u{2028}[]", "[\\u000A\"\"]", "#{}", "{}{}", "null true", "[1\u{A0}]",
        "--", "/* c */ 1", "// c", "undefined", "(1)", "\0", "[1]\0",
    ]

    @Test(
        "What is no JSON is refused, alone and inside an array",
        arguments: [badNumbers, badStrings, badArrays, badObjects, badStructures])
    func refused(texts: [String]) {
        for text in texts {
            #expect(throws: JSONError.self, "\(text)") { try JSONValue.parse(text) }
            if !text.allSatisfy(\.isWhitespace) {
                #expect(throws: JSONError.self, "[\(text)]") { try JSONValue.parse("[" + text + "]") }
            }
        }
    }

    @Test("Every beginning of a value is refused but those that are values themselves")
    func beginnings() throws {
        let text = #"{"a":[1.5e-3,"\u00e9\n",true,null,{"b":[]}],"c":-0.25}"#
        for length in 0..<text.utf8.count {
            let part = Array(text.utf8.prefix(length))
            #expect(throws: JSONError.self) { try JSONValue.parse(part) }
        }
        _ = try JSONValue.parse(text)
    }

    @Test(
        "What is JSON is read and written as it was",
        arguments: [
            "[[]   ]", "[\"\"]", "[]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]", "[1,null,null,null,2]",
            "[2] ", "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
            "[20e1]", "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]",
            "[123]", "[123.456789]", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"asd\":\"sdf\"}", "{}", "{\"\":0}",
            "{\"foo\\u0000bar\": 42}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\"x\":[{\"id\": \"xxxxxxxxxx\"}], \"id\": \"y\"}",
            "{\"a\":[]}", "{\n\"a\": \"b\"\n}", "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
            "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]", "[\"\\\\n\"]",
            "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[ \"asd\"]", "[\"\\uDBFF\\uDFFF\"]", "[\"new\\u00A0line\"]", "[\"\u{10FFFF}\"]", "[\"\u{FFFF}\"]",
            "[\"\\u0000\"]", "[\"\\u002c\"]", "[\"π\"]", "[\"asd \"]", "\" \"", "[\"\\u0821\"]", "[\"\\u0123\"]", "[\"\u{2028}\"]", "[\"\u{2029}\"]",
            "[\"\\u0061\\u30af\\u30EA\\u30b9\"]", "[\"new\\u000Aline\"]", "[\"\u{7F}\"]", "[\"\\uA66D\"]", "[\"⍂㈴⍂\"]", "[\"\\uFDD0\"]",
            "[\"\\u200B\"]", "[\"€𝄞\"]", "[\"a\u{7F}a\"]", "false", "42", "-0.1", "null", "\"asd\"", "true", "\"\"", "[\"a\"]\n", "[true]", " [] ",
        ])
    func accepted(text: String) throws {
        let value = try JSONValue.parse(text)
        #expect(try JSONValue.parse(value.bytes) == value)
    }

    @Test("Numbers at the edges of what fits are survived: exact, rounded to zero, or refused as beyond a double")
    func edges() throws {
        #expect(try JSONValue.parse("123123e-10000000") == .decimal(0))
        #expect(try JSONValue.parse("-123123123123123123123123123123") == .exact("-123123123123123123123123123123"))
        for text in ["0.4e00669999999999999999999999999999999999999999999999999999999", "-1e+9999", "1.5e+9999", "123123e100000"] {
            #expect(throws: JSONError.self) { try JSONValue.parse(text) }
        }
    }
}
