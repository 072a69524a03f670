/// What a change of a profile makes of one membership; whether it changes anything, the set of members decides.
package struct MembershipChange: Sendable, Hashable {
    package let audience: String
    package let ruleRevision: Int64
    package let isMember: Bool
    /// Whether journeys are told when the set of members changes: not where the rule gave the same answer before, as
    /// the person was only not evaluated yet.
    package let isTold: Bool
}
