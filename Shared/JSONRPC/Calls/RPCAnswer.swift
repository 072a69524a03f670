import Models

/// Writes answers; a message's answer is bytes from here on.
package enum RPCAnswer {
    static func result(_ value: JSONValue, id: RPCIdentifier) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: #"{"jsonrpc":"2.0","result":"#.utf8)
        value.write(to: &bytes)
        close(&bytes, id)
        return bytes
    }

    static func error(_ error: RPCError, id: RPCIdentifier) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: #"{"jsonrpc":"2.0","error":"#.utf8)
        error.json.write(to: &bytes)
        close(&bytes, id)
        return bytes
    }

    /// The answer to a message whose id is not known.
    package static func error(_ error: RPCError) -> [UInt8] { self.error(error, id: .null) }

    private static func close(_ bytes: inout [UInt8], _ id: RPCIdentifier) {
        bytes.append(contentsOf: #","id":"#.utf8)
        bytes.append(contentsOf: id.text)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The answers of a batch in one array; nil where none is to be sent.
    static func batch(_ answers: [[UInt8]?]) -> [UInt8]? {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for answer in answers {
            guard let answer else { continue }
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: answer)
        }
        if bytes.count == 1 { return nil }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}
