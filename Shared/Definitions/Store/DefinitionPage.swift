import Models
import Queues
import Redis

/// A piece of a list, and where the next one begins.
package struct DefinitionPage: Sendable {
    package let items: [StoredDefinition]
    /// For the next page; nil at the end.
    package let cursor: String?
}

/// What a list asks for.
package struct DefinitionFilter: Sendable {
    private let text: String?
    private let members: JSONObject

    /// `text` is looked for in name and description, whatever its case; any other member must be equal in the document.
    package init(_ filter: JSONObject) {
        text = filter["text"]?.stringValue?.lowercased()
        members = filter.removing("text")
    }

    package func holds(_ document: JSONObject) -> Bool {
        if let text {
            let searched = [document["name"]?.stringValue, document["description"]?.stringValue]
            if !searched.contains(where: { $0?.lowercased().contains(text) ?? false }) { return false }
        }
        return members.allSatisfy { document[$0.key] == $0.value }
    }
}

extension DefinitionStore {
    /// Documents read at once for a page.
    private static let readAtOnce = 100

    /// A page of the definitions that a filter holds for, by name.
    ///
    /// - Parameters:
    ///   - cursor: the cursor of the page before: the last name that was looked at.
    ///   - limit: items, 1 to 1,000.
    package func page(
        _ kind: DefinitionKind, filter: JSONObject = [:], after cursor: String? = nil, limit: Int = 100
    ) async throws(DefinitionError) -> DefinitionPage {
        let limit = min(max(limit, 1), 1_000)
        let filter = DefinitionFilter(filter)
        var names = (try await read(RedisCommand("HKEYS", keys.config(kind.name))).elements ?? []).compactMap(\.text)
        names.sort()
        if let cursor { names.removeAll { $0 <= cursor } }
        var rest = names[...]
        var items: [StoredDefinition] = []
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Self.readAtOnce))
            var command = RedisCommand("HMGET", keys.config(kind.name))
            command.append(contentsOf: piece)
            let replies = try await read(command).elements ?? []
            for (name, reply) in zip(piece, replies) {
                rest = rest.dropFirst()
                guard let bytes = reply.bytes, let stored = try? Self.stored(name, bytes),
                    filter.holds(kind.masked(stored.document))
                else { continue }
                items.append(stored)
                if items.count == limit { return DefinitionPage(items: items, cursor: rest.isEmpty ? nil : name) }
            }
            if replies.count < piece.count { break }
        }
        return DefinitionPage(items: items, cursor: nil)
    }

    /// Drafts and versions of journeys that use a definition and did not end, by name of the journey.
    package func journeysUsing(
        _ kind: DefinitionKind, _ name: String
    ) async throws(DefinitionError) -> [DefinitionUse] {
        try await all(.journeys).flatMap { DefinitionUse.uses(in: $0, of: kind, name) }
    }
}
