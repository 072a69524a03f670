import Audiences
import Models
import Queues

extension Membership {
    /// What follows from a change of a profile.
    ///
    /// - Parameter revision: of the profile that is written: the name of the change, so that no two have the same.
    init(_ change: MembershipChange, of person: Person, profileRevision revision: Int64) {
        self.init(
            audience: change.audience, ruleRevision: change.ruleRevision, isMember: change.isMember,
            announcement: change.isTold
                ? AudienceMove.telling(
                    person, change.audience, change.ruleRevision, isMember: change.isMember, cause: "p\(revision)")
                : nil)
    }
}

extension AudienceMove {
    /// The stimulus that tells of a change of membership.
    ///
    /// - Parameter cause: what made the change: `p` and the profile's revision, or `w` and the walk's run.
    static func telling(
        _ person: Person, _ audience: String, _ ruleRevision: Int64, isMember: Bool, cause: String
    ) -> [UInt8] {
        AudienceMove(
            id: "audience-\(audience)-\(ruleRevision)-\(cause)", person: person, audience: audience,
            change: isMember ? .entered : .exited
        ).element
    }
}
