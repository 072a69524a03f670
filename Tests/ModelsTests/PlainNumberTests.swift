import Models
import Testing

@Suite("Numbers in texts")
struct PlainNumberTests {
    @Test(
        "A number has digits and no exponent",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (100, "100"), (3.14, "3.14"),
            (1e15, "1000000000000000"), (1e16, "10000000000000000"), (1e21, "1000000000000000000000"),
            (-1e21, "-1000000000000000000000"), (1.5e21, "1500000000000000000000"), (1.25e3, "1250"),
            (1e-4, "0.0001"), (1e-5, "0.00001"), (1e-7, "0.0000001"), (-1.5e-7, "-0.00000015"),
            (123_456.789, "123456.789"), (1.2345678901234567e19, "12345678901234567000"),
            (.infinity, ""), (.nan, ""),
        ])
    func digits(value: Double, text: String) {
        #expect(PlainNumber.text(value) == text)
    }

    @Test("Its digits read back as the same number, and there are no fewer that do", arguments: [UInt64(21), UInt64.random(in: 0...UInt64.max)])
    func readsBack(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let ends: [Double] = [
            .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
            0x1p53, 0x1p63, 0x1p64, 9_007_199_254_740_992, 4.35, 2.675,
        ]
        let drawn = (0..<20_000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        for value in ends + drawn {
            let text = PlainNumber.text(value)
            #expect(Double(text) == value, "seed \(seed)")
            #expect(text.utf8.allSatisfy { (48...57).contains($0) || $0 == 45 || $0 == 46 })
            #expect(text.utf8.count <= 327)
            let significant = text.filter(\.isNumber).drop { $0 == "0" }
            let shortest = (value.magnitude.description.split(separator: "e").first ?? "").filter(\.isNumber).drop { $0 == "0" }
            func stripped(_ digits: Substring) -> Substring {
                var digits = digits
                while digits.last == "0" { digits.removeLast() }
                return digits
            }
            #expect(stripped(Substring(significant)) == stripped(Substring(shortest)))
        }
    }
}
