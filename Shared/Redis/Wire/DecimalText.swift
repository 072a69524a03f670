import Models

extension Int64 {
    /// Characters of the decimal text, the sign included.
    var decimalDigitCount: Int {
        var rest = magnitude
        var count = self < 0 ? 2 : 1
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }

    /// Appends the decimal text without making a string.
    func appendDecimal(to bytes: inout [UInt8]) {
        JSONWriter.write(self, to: &bytes)
    }
}
