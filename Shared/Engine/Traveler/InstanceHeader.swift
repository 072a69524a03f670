import Models

/// The first members of an instance's state, read without the rest: enough to tell whether a stimulus concerns it.
struct InstanceHeader: Sendable {
    let journey: String
    var version: Int64
    let entered: Int64
    let isEnded: Bool

    init(_ instance: Instance) {
        journey = instance.plan.journey
        version = instance.plan.version
        entered = instance.entered
        isEnded = false
    }

    /// nil where the bytes do not begin as the writer writes them.
    init?(_ bytes: [UInt8]) {
        var place = 0
        func take(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard place + count <= bytes.count else { return false }
            for offset in 0..<count where bytes[place + offset] != text.utf8Start[offset] { return false }
            place += count
            return true
        }
        func number() -> Int64? {
            var value: Int64 = 0
            let start = place
            while place < bytes.count, (48...57).contains(bytes[place]), place - start < 18 {
                value = value * 10 + Int64(bytes[place] - 48)
                place += 1
            }
            return place > start ? value : nil
        }
        guard take("{\"journey\":\"") else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            if bytes[place] == UInt8(ascii: "\\") { return nil }
            place += 1
        }
        let name = start..<min(place, bytes.count)
        guard take("\",\"version\":"), let version = number(), take(",\"entered\":"), let entered = number()
        else { return nil }
        journey = String(decoding: bytes[name], as: UTF8.self)
        self.version = version
        self.entered = entered
        isEnded = take(",\"phase\":\"ended\"")
    }
}
