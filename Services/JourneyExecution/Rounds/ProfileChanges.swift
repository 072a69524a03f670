import Audiences
import Engine
import Models
import Queues

/// The profiles of a batch, as they were read and as its journeys update them.
struct ProfileChanges {
    private let read: [String: ProfileDocument]
    private var current: [String: JSONObject] = [:]
    /// Whose profile was updated, and how many audience changes led to it one from another: where several updates are
    /// written as one, the most.
    private var updated: [String: Int64] = [:]

    init(_ read: [String: ProfileDocument]) {
        self.read = read
    }

    /// The attributes of a person, those set in this batch included; empty for whoever has no profile.
    subscript(personKey: String) -> JSONObject { current[personKey] ?? read[personKey]?.attributes ?? JSONObject() }

    /// Takes the attributes over as a journey left them.
    mutating func keep(_ attributes: JSONObject, of personKey: String) { current[personKey] = attributes }

    /// A journey updated the person's profile, after so many audience changes one from another.
    mutating func noteUpdate(of personKey: String, changes: Int64) {
        updated[personKey] = max(updated[personKey] ?? 0, changes)
    }

    /// Writes what changed, with the memberships that follow. Where somebody else wrote a profile since it was read,
    /// or newer audiences are known in the partition, nothing of the batch happens and it is computed again.
    func write(to batch: inout CommitBatch, by audiences: AudienceRules, now: Int64) {
        for (key, changes) in updated.sorted(by: { $0.key < $1.key }) {
            guard let person = Person(key: key), let attributes = current[key] else { continue }
            let old = read[key]
            if old?.attributes == attributes { continue }
            let document = ProfileDocument(
                person: person, attributes: attributes, revision: (old?.revision ?? 0) + 1, updatedAt: now)
            batch.expectProfile(key, revision: old?.revision ?? 0)
            batch.setProfile(key, document.bytes)
            batch.expectAudiences(audiences.changes)
            for change in audiences.changes(from: old?.attributes, to: attributes, now: now) {
                batch.setMembership(
                    audience: change.audience, ruleRevision: change.ruleRevision, personKey: key,
                    isMember: change.isMember,
                    announcement: change.announcement(
                        to: person, profileRevision: document.revision, chain: changes + 1))
            }
        }
    }
}

extension Effect {
    /// Whether the profile that the engine was given is another afterwards.
    var updatesProfile: Bool {
        if case .updateProfile = self { true } else { false }
    }
}
