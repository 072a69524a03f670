/// An instant, with the zone or offset in which its calendar fields are read.
package struct DateTime: Sendable, Hashable {
    /// The instants whose year in UTC has four digits, 0000-01-01T00:00Z to 9999-12-31T23:59:59.999Z, in milliseconds.
    package static let instants: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Milliseconds since 1970-01-01T00:00Z.
    package let instant: Int64
    package let zone: Zone

    package init(instant: Int64, zone: Zone = .utc) {
        self.instant = instant
        self.zone = zone
    }

    package init(local: LocalDateTime, zone: Zone) {
        self.init(instant: zone.instant(of: local), zone: zone)
    }

    package var local: LocalDateTime { zone.local(of: instant) }
}
