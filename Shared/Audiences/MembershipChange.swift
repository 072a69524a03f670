import Models

/// What a change of a profile makes of one membership; whether it changes anything, the set of members decides.
package struct MembershipChange: Sendable, Hashable {
    package let audience: String
    package let ruleRevision: Int64
    package let isMember: Bool
    /// Whether journeys are told when the set of members changes: not where the rule gave the same answer before, as
    /// the person was only not evaluated yet.
    package let isTold: Bool

    /// The stimulus that tells of it; nil: nobody is told.
    ///
    /// - Parameters:
    ///   - profileRevision: of the profile that is written: the name of the change, so that no two have the same.
    ///   - chain: its number among the changes that one stimulus caused one from another.
    package func announcement(to person: Person, profileRevision: Int64, chain: Int64 = 1) -> [UInt8]? {
        guard isTold else { return nil }
        return AudienceMove.telling(
            person, audience, ruleRevision, isMember: isMember, cause: "p\(profileRevision)", chain: chain)
    }
}

extension AudienceMove {
    /// The stimulus that tells of a change of membership.
    ///
    /// - Parameters:
    ///   - cause: what made the change: `p` and the profile's revision, or `w` and the walk's run.
    ///   - chain: its number among the changes that one stimulus caused one from another.
    package static func telling(
        _ person: Person, _ audience: String, _ ruleRevision: Int64, isMember: Bool, cause: String, chain: Int64 = 1
    ) -> [UInt8] {
        AudienceMove(
            id: "audience-\(audience)-\(ruleRevision)-\(cause)", person: person, audience: audience,
            change: isMember ? .entered : .exited, chain: chain
        ).element
    }
}
