import Testing

@testable import JSONSchema

@Suite("Formats")
struct SchemaFormatTests {
    @Test("The sample of every format is of that format", arguments: SchemaFormat.allCases)
    func samples(format: SchemaFormat) {
        #expect(format.holds(format.sample))
        #expect(!format.holds("\u{0}\n%("))
    }

    @Test(
        "Dates and times are those of RFC 3339",
        arguments: [
            ("date-time", "2024-02-29T23:59:59.123456789+05:30", true), ("date-time", "2023-02-29T00:00:00Z", false),
            ("date-time", "1900-02-29T00:00:00Z", false), ("date-time", "2000-02-29t00:00:00z", true),
            ("date-time", "2016-12-31T23:59:60Z", true), ("date-time", "2016-12-31T15:59:60-08:00", true),
            ("date-time", "2016-12-31T22:59:60Z", false), ("date-time", "2026-01-01 00:00:00Z", false),
            ("date-time", "2026-01-01T00:00:00", false), ("date-time", "2026-01-01T24:00:00Z", false),
            ("date-time", "2026-01-01T00:00:00.Z", false), ("date-time", "2026-01-01T00:00:00+24:00", false),
            ("date", "2026-04-31", false), ("date", "2026-4-3", false), ("date", "2026-13-01", false),
            ("time", "08:30:06.283185Z", true), ("time", "08:30", false), ("duration", "P1Y2M3DT4H5M6S", true),
            ("duration", "P1W", true), ("duration", "P1W2D", false), ("duration", "PT1H2S", false), ("duration", "P", false),
        ])
    func times(format: String, text: String, isRight: Bool) throws {
        #expect(try #require(SchemaFormat(rawValue: format)).holds(text) == isRight)
    }

    @Test(
        "Addresses are those of their RFCs",
        arguments: [
            ("email", "a.b@example.com", true), ("email", "a..b@example.com", false), ("email", "a@b@c", false),
            ("email", "\"a b\"@[IPv6:::1]", true), ("email", "a@[300.1.1.1]", false), ("email", "ä@example.com", false),
            ("idn-email", "ä@exämple.com", true), ("hostname", "a-b.c", true), ("hostname", "-a", false),
            ("ipv4", "1.2.3.04", false), ("ipv6", "::", true), ("ipv6", "1::8", true), ("ipv6", "1:2:3:4:5:6:7:8", true),
            ("ipv6", "1:2:3:4:5:6:7::", true), ("ipv6", "1:2:3:4:5:6:7:8::", false), ("ipv6", "1::2::3", false),
            ("ipv6", ":1", false), ("ipv6", "1:", false), ("ipv6", "::1.2.3.4", true), ("ipv6", "fe80::1%eth0", false),
            ("ipv6", "12345::", false), ("uri", "https://a/b?c#d", true), ("uri", "/a", false), ("uri", "a:b c", false),
            ("uri-reference", "a:b", true), ("uri-reference", "1:b", false), ("iri", "http://ä/ö", true),
            ("uri-template", "/a/{b:3}{?c,d*}", true), ("uri-template", "/{a", false), ("json-pointer", "/a~1b", true),
            ("json-pointer", "a", false), ("relative-json-pointer", "0#", true), ("relative-json-pointer", "01", false),
        ])
    func addresses(format: String, text: String, isRight: Bool) throws {
        #expect(try #require(SchemaFormat(rawValue: format)).holds(text) == isRight)
    }
}
