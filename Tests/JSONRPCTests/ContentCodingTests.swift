import Foundation
import Testing

@testable import JSONRPC

@Suite("Content codings")
struct ContentCodingTests {
    /// `{"a":1}` as gzip.
    static let small = decoded("H4sIAAAAAAAC/6tWSlSyMqwFAK+sG1YHAAAA")
    /// 60,008 bytes of JSON.
    static let large = decoded(
        "H4sIAAAAAAAC/+3BQQ0AMAgEMC8nAzdzQULwPhs82k5eKg0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABwTPYDgJksXWjqAAA=")
    /// 200,000 blanks in 230 bytes.
    static let bomb = decoded(
        "H4sIAAAAAAAC/+3BMQEAAADCoCrrn9IM/kABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAK8BMWFiEEANAwA=")

    static func decoded(_ base64: String) -> [UInt8] { Array(Data(base64Encoded: base64) ?? Data()) }

    @Test(
        "A header names the coding, in any case, and identity is none",
        arguments: [
            (nil, .identity), ("", .identity), ("identity", .identity), ("gzip", .gzip), ("GZip", .gzip), (" x-gzip ", .gzip),
            ("identity, gzip", .gzip), ("br", nil), ("deflate", nil), ("gzip, gzip", nil), ("gzip, br", nil), ("zstd", nil),
        ] as [(String?, ContentCoding?)])
    func header(text: String?, expected: ContentCoding?) {
        #expect(ContentCoding(header: text) == expected)
    }

    @Test("Gzip is inflated, members one after another too")
    func inflated() throws {
        #expect(try ContentCoding.inflated(Self.small, bytesMax: 7) == Array(#"{"a":1}"#.utf8))
        #expect(try ContentCoding.inflated(Self.small + Self.small, bytesMax: 14) == Array(#"{"a":1}{"a":1}"#.utf8))
        let large = try ContentCoding.inflated(Self.large, bytesMax: 1 << 20)
        #expect(large.count == 60_008 && large.starts(with: #"{"a":"xx"#.utf8) && large.last == UInt8(ascii: "}"))
    }

    @Test("What is no gzip, is cut, or has a wrong checksum is refused for that reason")
    func broken() {
        var wrong = Self.small
        wrong[wrong.count - 8] ^= 1
        for (bytes, failure) in [
            (Array(#"{"a":1}"#.utf8), .broken), (wrong, .broken), (Self.small + [0x1F], .cut), (Self.small + [7, 7], .broken),
            ([], .cut), ([0x1F, 0x8B], .cut),
        ] as [([UInt8], ContentCoding.Failure)] {
            #expect(throws: failure, "\(bytes)") { try ContentCoding.inflated(bytes, bytesMax: 100) }
        }
        for count in 0..<Self.small.count {
            #expect(throws: ContentCoding.Failure.cut, "\(count)") {
                try ContentCoding.inflated(Array(Self.small.prefix(count)), bytesMax: 100)
            }
        }
    }

    @Test("What inflates past the bound, or to more than its share, is refused")
    func bounds() {
        #expect(throws: ContentCoding.Failure.tooLarge(bytesMax: 6)) {
            try ContentCoding.inflated(Self.small, bytesMax: 6)
        }
        #expect(throws: ContentCoding.Failure.tooLarge(bytesMax: 13)) {
            try ContentCoding.inflated(Self.small + Self.small, bytesMax: 13)
        }
        #expect(throws: ContentCoding.Failure.tooLarge(bytesMax: ContentCoding.ratioFreeBytes)) {
            try ContentCoding.inflated(Self.bomb, bytesMax: 1 << 20)
        }
    }

    @Test("Random bytes and random changes of gzip never trap")
    func mutations() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var bytes = Self.large
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let inflated = try? ContentCoding.inflated(bytes, bytesMax: 70_000)
            #expect((inflated?.count ?? 0) <= 70_000)
        }
    }
}
