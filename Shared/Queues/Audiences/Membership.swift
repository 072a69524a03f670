/// Whether a person is a member of an audience, as it is written with the person's profile.
package struct Membership: Sendable, Hashable {
    package let audience: String
    /// Of the rule that says so: the set of members is kept under it.
    package let ruleRevision: Int64
    package let isMember: Bool
    /// The stimulus (`AudienceMove.element`) that follows in the inbox if this changes anything; nil: nobody is told.
    package let announcement: [UInt8]?

    package init(audience: String, ruleRevision: Int64, isMember: Bool, announcement: [UInt8]?) {
        self.audience = audience
        self.ruleRevision = ruleRevision
        self.isMember = isMember
        self.announcement = announcement
    }

    /// As scripts take it: without its first bracket, empty where nobody is told.
    var stimulus: ArraySlice<UInt8> { announcement?.dropFirst() ?? [] }
}
