import Models
import Testing

@Suite("JSON: writing")
struct JSONWriterTests {
    @Test(
        "A value is written compactly, in its order, escaping only what must be",
        arguments: [
            (["b": 1, "a": [true, nil]], #"{"b":1,"a":[true,null]}"#), (.decimal(4), "4.0"), (.decimal(0.1), "0.1"),
            (.decimal(1e21), "1e+21"), (.decimal(.leastNonzeroMagnitude), "5e-324"), (.decimal(.infinity), "null"),
            (.integer(.min), "-9223372036854775808"), (0, "0"), (.exact("18446744073709551616"), "18446744073709551616"),
            ("a\"\\/\n\u{1}é😀", #""a\"\\/\n\u0001é😀""#),
        ] as [(JSONValue, String)])
    func writes(value: JSONValue, expected: String) {
        #expect(value.text == expected)
    }

    @Test("Random values read back as they were written")
    func roundTrip() throws {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0 ... .max, using: &random)
        var generator = SplitMix(state: seed)
        for _ in 0..<2_000 {
            let value = randomValue(depth: 4, using: &generator)
            #expect(try JSONValue.parse(value.text) == value, "seed \(seed)")
            #expect(try JSONValue.parse(value.prettyText) == value, "seed \(seed)")
        }
    }

    @Test("Random mutations of valid text never trap, and what is read is written as it reads again")
    func mutations() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix(state: seed)
        for _ in 0..<5_000 {
            var bytes = randomValue(depth: 3, using: &generator).bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let value = try? JSONValue.parse(bytes) else { continue }
            #expect(try JSONValue.parse(value.bytes) == value, "seed \(seed)")
        }
    }

    private func randomValue(depth: Int, using generator: inout SplitMix) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3:
            let double = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &generator))
            return double.isFinite ? .decimal(double) : .null
        case 4: return .decimal(Double(Int.random(in: -100_000...100_000, using: &generator)) / 100)
        case 5, 6:
            let scalars = (0..<Int.random(in: 0...20, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &generator))
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return .string(String(text))
        case 7:
            return .array((0..<Int.random(in: 0...5, using: &generator)).map { _ in
                randomValue(depth: depth - 1, using: &generator)
            })
        default:
            var object = JSONObject()
            for place in 0..<Int.random(in: 0...30, using: &generator) {
                object["k\(place)"] = randomValue(depth: depth - 1, using: &generator)
            }
            return .object(object)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose whole state is the printed seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
