extension ISO8601 {
    /// As clocks of the zone show the instant, with offset and name of the zone (RFC 9557):
    /// `2021-02-19T09:00:00+01:00[Europe/Berlin]`.
    package static func write(_ instant: Int64, in zone: Zone) -> String {
        let offset = Int(zone.offsetMilliseconds(at: instant) / 1_000)
        return write(zone.local(of: instant)) + write(offsetSeconds: offset) + "[" + zone.identifier + "]"
    }
}
