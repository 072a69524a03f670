/// What credentials allow.
package enum Scope: String, Sendable, CaseIterable {
    /// To look at everything but secrets.
    case read
    /// To edit, test and publish journeys; contains `read`.
    case design
    /// To do everything; contains all others.
    case admin
    /// To send events.
    case ingest
}

/// Who is calling, as the credentials prove it.
package struct Principal: Sendable, Hashable {
    /// The name of the key or the subject of the token; stands in the audit list.
    package let name: String
    package let scopes: Set<Scope>
    private let allowed: UInt8

    package init(name: String, scopes: Set<Scope>) {
        self.name = name
        self.scopes = scopes
        var allowed: UInt8 = 0
        for scope in scopes {
            switch scope {
            case .read: allowed |= Self.bit(.read)
            case .design: allowed |= Self.bit(.design) | Self.bit(.read)
            case .admin: allowed = 0xFF
            case .ingest: allowed |= Self.bit(.ingest)
            }
        }
        self.allowed = allowed
    }

    package func may(_ scope: Scope) -> Bool { allowed & Self.bit(scope) != 0 }

    private static func bit(_ scope: Scope) -> UInt8 {
        switch scope {
        case .read: 1
        case .design: 2
        case .admin: 4
        case .ingest: 8
        }
    }
}
