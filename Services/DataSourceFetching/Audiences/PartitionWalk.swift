import Audiences
import Models
import Queues

/// Walks the people of one partition for one audience, piece by piece.
struct PartitionWalk: Sendable {
    /// Why it stopped.
    enum End: Sendable, Hashable {
        /// Everyone was looked at.
        case finished
        /// Another process walks here.
        case leased
        /// The rules or the progress are newer than known here.
        case outdated
        /// The engine is behind with the changes told so far, or profiles change all the time: later.
        case later
    }

    let partition: Int
    let ask: WalkAsk
    let book: AudienceBook
    let sets: AudienceSets
    let walks: AudienceWalks
    let figures: WalkFigures
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// Walks from where the walk is to its end, unless something comes between.
    ///
    /// - Parameter progress: as the partition's state has it.
    func run(from progress: String?) async throws(QueueError) -> End {
        var text = progress
        while !Task.isCancelled {
            let rules = book.rules
            guard rules[ask.audience]?.revision == ask.rule else { return .outdated }
            let known = WalkProgress(text)
            let next: WalkProgress
            var members: [String] = []
            switch ask.step(known) {
            case .nothing: return .finished
            case .outdated: return .outdated
            case .begin: next = ask.begin(after: known, total: try await sets.peopleCount(in: partition))
            case .goOn:
                guard let known else { return .outdated }
                members = try await sets.people(in: partition, after: known.after, count: Limits.walkPiece)
                next = Self.advanced(known, over: members)
            }
            let (end, inbox) = try await take(members, by: rules, before: text, next)
            if let end { return end }
            figures.walked(members.count)
            text = next.text
            if next.announce, !next.isFinished, inbox > Limits.walkInboxMark { return .later }
        }
        return .later
    }

    private static func advanced(_ progress: WalkProgress, over members: [String]) -> WalkProgress {
        var next = progress
        next.done += Int64(members.count)
        next.after = members.last ?? progress.after
        if members.count < Limits.walkPiece {
            next.isFinished = true
            next.after = nil
            next.earlier = []
        }
        return next
    }

    /// Evaluates the people of a piece and writes it; whose profile changes meanwhile is read again.
    private func take(
        _ members: [String], by rules: AudienceRules, before text: String?, _ next: WalkProgress
    ) async throws(QueueError) -> (end: End?, inbox: Int64) {
        // The sets of earlier rules are removed with the last piece, so what is noted of them then is nothing.
        let earlier = next.isFinished ? WalkProgress(text)?.earlier ?? [] : next.earlier
        var left = members
        for _ in 0..<Limits.walkAttemptsMax {
            let piece = WalkPiece(
                partition: partition, audience: ask.audience, ruleRevision: ask.rule, earlier: earlier,
                audiences: rules.changes, before: text, after: next.text, isLast: next.isFinished,
                members: try await evaluate(left, by: rules, announce: next.announce))
            switch try await walks.run(piece) {
            case .done(let inbox): return (nil, inbox)
            case .changed(let places): left = places.filter(left.indices.contains).map { left[$0] }
            case .leased: return (.leased, 0)
            case .elsewhere, .outdated: return (.outdated, 0)
            }
        }
        return (.later, 0)
    }

    private func evaluate(
        _ people: [String], by rules: AudienceRules, announce: Bool
    ) async throws(QueueError) -> [WalkPiece.Member] {
        let time = now()
        let profiles = try await sets.profiles(people, in: partition)
        return zip(people, profiles).map { key, profile in
            guard let profile else {
                return WalkPiece.Member(personKey: key, profileRevision: 0, isMember: false, announcement: nil)
            }
            let isMember = rules.isMember(ask.audience, profile.attributes, now: time)
            return WalkPiece.Member(
                personKey: key, profileRevision: profile.revision, isMember: isMember,
                announcement: announce
                    ? AudienceMove.telling(
                        profile.person, ask.audience, ask.rule, isMember: isMember, cause: "w\(ask.run)")
                    : nil)
        }
    }
}
