extension IPAddress {
    /// What an address is for, by the IANA special-purpose registries.
    package enum Kind: String, Sendable, Hashable {
        case publicUnicast, unspecified, loopback, linkLocal, privateUse, carrierGrade, benchmark, documentation,
            protocolUse, cloudMetadata, multicast, reserved
    }

    /// Whether it belongs to the public Internet: the only kind called without leave of the deployment.
    package var isPublic: Bool { kind == .publicUnicast }

    /// What the address is for. Addresses that carry an IPv4 address (NAT64, 6to4) are what that one is.
    package var kind: Kind {
        bytes.count == 4 ? Self.kindV4(bytes) : kindV6
    }

    private static func kindV4(_ part: [UInt8]) -> Kind {
        switch (part[0], part[1], part[2], part[3]) {
        case (169, 254, 169, 254), (169, 254, 170, 2), (100, 100, 100, 200), (192, 0, 0, 192), (168, 63, 129, 16):
            .cloudMetadata
        case (0, _, _, _): .unspecified
        case (127, _, _, _): .loopback
        case (169, 254, _, _): .linkLocal
        case (10, _, _, _), (172, 16...31, _, _), (192, 168, _, _): .privateUse
        case (100, 64...127, _, _): .carrierGrade
        case (198, 18...19, _, _): .benchmark
        case (192, 0, 2, _), (198, 51, 100, _), (203, 0, 113, _): .documentation
        case (192, 0, 0, _), (192, 88, 99, _): .protocolUse
        case (224...239, _, _, _): .multicast
        case (240...255, _, _, _): .reserved
        default: .publicUnicast
        }
    }

    private var kindV6: Kind {
        if bytes.dropLast().allSatisfy({ $0 == 0 }) && bytes[15] <= 1 {
            return bytes[15] == 1 ? .loopback : .unspecified
        }
        for row in Self.rows where matches(row.network, bits: row.bits) {
            switch row.meaning {
            case .kind(let kind): return kind
            case .embedsV4(let offset): return Self.kindV4(Array(bytes[offset..<offset + 4]))
            }
        }
        // Only 2000::/3 has been given out; whatever else exists is not for calling.
        return bytes[0] & 0xE0 == 0x20 ? .publicUnicast : .reserved
    }

    private enum Meaning {
        case kind(Kind)
        case embedsV4(offset: Int)
    }

    private struct Row {
        let network: IPAddress
        let bits: Int
        let meaning: Meaning

        init(_ network: [UInt8], _ bits: Int, _ meaning: Meaning) {
            let padding = [UInt8](repeating: 0, count: 16 - network.count)
            self.network = IPAddress(networkOrder: network + padding)
            self.bits = bits
            self.meaning = meaning
        }
    }

    private static let rows: [Row] = [
        Row([0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54], 128, .kind(.cloudMetadata)),
        Row([0xFD, 0x20, 0x00, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54], 128, .kind(.cloudMetadata)),
        Row([0x00, 0x64, 0xFF, 0x9B], 96, .embedsV4(offset: 12)),
        Row([0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01], 48, .kind(.privateUse)),
        Row([0x20, 0x02], 16, .embedsV4(offset: 2)),
        Row([0x20, 0x01, 0x0D, 0xB8], 32, .kind(.documentation)),
        Row([0x3F, 0xFF, 0x00], 20, .kind(.documentation)),
        Row([0x20, 0x01, 0x00, 0x02, 0x00, 0x00], 48, .kind(.benchmark)),
        Row([0x20, 0x01, 0x00], 23, .kind(.protocolUse)),
        Row([0xFC], 7, .kind(.privateUse)),
        Row([0xFE, 0x80], 10, .kind(.linkLocal)),
        Row([0xFE, 0xC0], 10, .kind(.privateUse)),
        Row([0xFF], 8, .kind(.multicast)),
    ]
}
