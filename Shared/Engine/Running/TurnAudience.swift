import Models

/// Audience changes, reactions, admissions, releases and moves come here.
extension Turn {
    mutating func take(_ move: AudienceMove) {}
    mutating func take(_ reaction: Reaction) {}
    mutating func take(_ admission: Admission) {}
    mutating func release(_ id: String) {}
    mutating func change(_ id: String, to version: Int64) {}
}
