/// What a code of a finding means: the one place where it is said, of which the page in `deploy/docs` is made.
package struct FindingNote: Sendable {
    package let severity: Finding.Severity
    /// One sentence: when it is found.
    package let sentence: String
    package let remedy: String
    /// A node, a list of nodes, or the part of a document in which it is found, as JSON.
    package let example: String
}

/// The codes of findings that are not an expression's.
package enum FindingCode: String, Sendable, CaseIterable {
    case malformed
    case invalidNodeId
    case duplicateNodeId
    case noNodes
    case noEntry
    case entryNotFirst
    case multipleEntries
    case entryOnly
    case timeoutAtEntry
    case matchAtEntry
    case unknownNext
    case branchNotListening
    case unreachable
    case loopWithoutWait
    case unknownEvent
    case businessEvent
    case notBusinessEvent
    case businessEventNext
    case namespaceMismatch
    case unknownAudience
    case invalidSchedule
    case neverComes
    case past
    case unknownAction
    case unknownParameter
    case missingParameter
    case messageContent
    case reactionTarget
    case unknownProfileField
    case unknownJourney
    case jumpTarget
    case jumpTargetNotLive
    case jumpLoop
    case noPaths
    case sharesSum
    case neverHolds
    case duplicateLabel
    case invalidTime
    case invalidDay
    case invalidDate
    case emptyWindow
    case exceedsGlobalTimeout
    case noWait
    case unknownTimezone
    case keyWithoutEvent
    case lookupNotAllowed

    package var note: FindingNote {
        Self.notes[self]
            ?? FindingNote(
                severity: .error,
                sentence: "", remedy: "", example: "")
    }

    private static let notes: [FindingCode: FindingNote] = [
        .malformed: FindingNote(
            severity: .error,
            sentence: "A member of the document is missing, misspelt, or not of the type that it must have.",
            remedy: "Correct the member that the finding names.",
            example: ##"{"id": "a", "type": "wait", "for": "1 day"}"##),
        .invalidNodeId: FindingNote(
            severity: .error,
            sentence: "A node's id has other characters than letters, digits, `_`, `-` and dots, or more than 64.",
            remedy: "Give the node an id of these characters.",
            example: ##"""
                [{"id": "in", "type": "event", "event": "orderPlaced", "next": "a b"},
                 {"id": "a b", "type": "end"}]
                """##),
        .duplicateNodeId: FindingNote(
            severity: .error,
            sentence: "Two nodes have the same id.",
            remedy: "Give each node an id of its own.",
            example: ##"""
                [{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"},
                 {"id": "a", "type": "end"},
                 {"id": "a", "type": "end"}]
                """##),
        .noNodes: FindingNote(
            severity: .error,
            sentence: "The journey has no nodes.",
            remedy: "Add an entry and what follows it.",
            example: "[]"),
        .noEntry: FindingNote(
            severity: .error,
            sentence: "The first node is none by which people enter.",
            remedy: "Begin with an event or an audience.",
            example: ##"[{"id": "a", "type": "end"}]"##),
        .entryNotFirst: FindingNote(
            severity: .error,
            sentence: "The entry is not the first node.",
            remedy: "Move the entry to the front.",
            example: ##"""
                [{"id": "a", "type": "end"},
                 {"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}]
                """##),
        .multipleEntries: FindingNote(
            severity: .error,
            sentence: "Nothing leads to an event or an audience, so it would be a second entry.",
            remedy: "Lead a way to it, or put it into a journey of its own.",
            example: ##"""
                [{"id": "in", "type": "event", "event": "orderPlaced"},
                 {"id": "b", "type": "event", "event": "clicked"}]
                """##),
        .entryOnly: FindingNote(
            severity: .error,
            sentence: "A business event, or an audience that is read, stands where people are inside already.",
            remedy: "Put it first, or use an event or an audience change there.",
            example: ##"{"id": "a", "type": "readAudience", "audience": "gold"}"##),
        .timeoutAtEntry: FindingNote(
            severity: .error,
            sentence: "The entry has a timeout, which means nothing there.",
            remedy: "Remove `timeout` and `onTimeout`.",
            example: ##"[{"id": "in", "type": "event", "event": "orderPlaced", "timeout": "PT1H"}]"##),
        .matchAtEntry: FindingNote(
            severity: .error,
            sentence: "The entry has a `match`, and there are no earlier events.",
            remedy: "Use `filter`.",
            example: ##"[{"id": "in", "type": "event", "event": "orderPlaced", "match": "true"}]"##),
        .unknownNext: FindingNote(
            severity: .error,
            sentence: "A way leads to a node that there is not.",
            remedy: "Lead it to a node that there is.",
            example: ##"{"id": "a", "type": "wait", "for": "P1D", "next": "gone"}"##),
        .branchNotListening: FindingNote(
            severity: .error,
            sentence: "Of several branches one begins with a node that waits for nothing.",
            remedy: "Begin each with an event, a reaction, an audience change or a wait.",
            example: ##"""
                [{"id": "in", "type": "event", "event": "orderPlaced", "next": ["a", "b"]},
                 {"id": "a", "type": "end"},
                 {"id": "b", "type": "wait", "for": "P1D"}]
                """##),
        .unreachable: FindingNote(
            severity: .warning,
            sentence: "No way leads to the node.",
            remedy: "Lead a way to it, or remove it.",
            example: ##"[{"id": "in", "type": "event", "event": "orderPlaced"}, {"id": "b", "type": "end"}]"##),
        .loopWithoutWait: FindingNote(
            severity: .error,
            sentence: "A loop has no wait, event, reaction or audience change on it.",
            remedy: "Put one into the loop.",
            example: ##"{"id": "a", "type": "action", "action": "ping", "next": "a"}"##),
        .unknownEvent: FindingNote(
            severity: .error,
            sentence: "There is no such event, or it has not occurred on any way to the expression.",
            remedy: "Create the event, or choose one that there is.",
            example: ##"{"id": "a", "type": "event", "event": "gone"}"##),
        .businessEvent: FindingNote(
            severity: .error,
            sentence: "The event concerns no person.",
            remedy: "Choose an event of a person.",
            example: ##"{"id": "a", "type": "event", "event": "priceDropped"}"##),
        .notBusinessEvent: FindingNote(
            severity: .error,
            sentence: "The event is one of a person, and a business event is needed.",
            remedy: "Choose a business event, or use a node of type `event`.",
            example: ##"""
                [{"id": "in", "type": "businessEvent", "event": "orderPlaced", "next": "r"},
                 {"id": "r", "type": "readAudience", "audience": "gold"}]
                """##),
        .businessEventNext: FindingNote(
            severity: .error,
            sentence: "After a business event no audience is read, so there is nobody to go on.",
            remedy: "Lead to one node of type `readAudience`.",
            example: ##"""
                [{"id": "in", "type": "businessEvent", "event": "priceDropped", "next": "a"},
                 {"id": "a", "type": "end"}]
                """##),
        .namespaceMismatch: FindingNote(
            severity: .error,
            sentence: "The event, or the journey that is jumped to, knows people by another namespace.",
            remedy: "Use one namespace in a journey.",
            example: ##"{"id": "a", "type": "event", "event": "deviceSeen"}"##),
        .unknownAudience: FindingNote(
            severity: .error,
            sentence: "There is no such audience.",
            remedy: "Create the audience, or choose one that there is.",
            example: ##"{"id": "a", "type": "audience", "audience": "platinum", "change": "entered"}"##),
        .invalidSchedule: FindingNote(
            severity: .error,
            sentence: "The schedule cannot be read.",
            remedy: "Write minute, hour, day, month and weekday, such as `0 9 * * mon`.",
            example: ##"""
                [{"id": "in", "type": "readAudience", "audience": "gold", "schedule": {"cron": "at nine"}}]
                """##),
        .neverComes: FindingNote(
            severity: .error,
            sentence: "The time at which the audience is read never comes, or not while the journey lasts.",
            remedy: "Choose a day that there is, between `startAt` and `endAt`.",
            example: ##"""
                [{"id": "in", "type": "readAudience", "audience": "gold", "schedule": {"cron": "0 9 30 2 *"}}]
                """##),
        .past: FindingNote(
            severity: .error,
            sentence: "At publication the time at which the audience is read, or the end of the journey, is past.",
            remedy: "Choose a later time.",
            example: ##"""
                [{"id": "in", "type": "readAudience", "audience": "gold", "schedule": {"at": "2020-01-31T09:00:00"}}]
                """##),
        .unknownAction: FindingNote(
            severity: .error,
            sentence: "There is no such action, or it has not been performed on any way to the expression.",
            remedy: "Create the action, or choose one that there is.",
            example: ##"{"id": "a", "type": "action", "action": "fax"}"##),
        .unknownParameter: FindingNote(
            severity: .error,
            sentence: "The action, the source or the entry event has no such parameter or field.",
            remedy: "Remove it, or choose one that there is.",
            example: ##"{"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'", "by": "'x'"}}"##),
        .missingParameter: FindingNote(
            severity: .error,
            sentence: "A required parameter is not given.",
            remedy: "Give it an expression.",
            example: ##"{"id": "a", "type": "action", "action": "sms"}"##),
        .messageContent: FindingNote(
            severity: .error,
            sentence: "A message has neither a template nor content, or both.",
            remedy: "Give the name of a template, or content.",
            example: ##"{"id": "a", "type": "email"}"##),
        .reactionTarget: FindingNote(
            severity: .error,
            sentence: "A reaction names no message before it.",
            remedy: "Name the id of an email, sms or push node on the way.",
            example: ##"{"id": "a", "type": "reaction", "to": "in", "reaction": "opened"}"##),
        .unknownProfileField: FindingNote(
            severity: .error,
            sentence: "The profile's schema has no such field.",
            remedy: "Choose a field of the schema, or add it there.",
            example: ##"{"id": "a", "type": "updateProfile", "field": "nope", "value": "1"}"##),
        .unknownJourney: FindingNote(
            severity: .error,
            sentence: "There is no such journey.",
            remedy: "Create the journey, or choose one that there is.",
            example: ##"{"id": "a", "type": "jump", "journey": "gone"}"##),
        .jumpTarget: FindingNote(
            severity: .error,
            sentence: "People do not enter the journey by an event, so nobody can jump there.",
            remedy: "Choose a journey that begins with an event.",
            example: ##"{"id": "a", "type": "jump", "journey": "byAudience"}"##),
        .jumpTargetNotLive: FindingNote(
            severity: .warning,
            sentence: "The journey that is jumped to is not live; while it is not, the jump is an error.",
            remedy: "Publish that journey first.",
            example: ##"{"id": "a", "type": "jump", "journey": "draftOnly"}"##),
        .jumpLoop: FindingNote(
            severity: .error,
            sentence: "By jumps the journey leads back to itself.",
            remedy: "Remove one of the jumps.",
            example: ##"{"id": "a", "type": "jump", "journey": "leadsBack"}"##),
        .noPaths: FindingNote(
            severity: .error,
            sentence: "A condition has no paths.",
            remedy: "Add a path, or remove the node.",
            example: ##"{"id": "a", "type": "condition", "paths": []}"##),
        .sharesSum: FindingNote(
            severity: .error,
            sentence: "The shares of a condition do not sum to 100 %.",
            remedy: "Change them so that they do.",
            example: ##"{"id": "a", "type": "condition", "paths": [{"share": 30}, {"share": 60}]}"##),
        .neverHolds: FindingNote(
            severity: .warning,
            sentence: "A path of a condition can never hold, or one of several branches can never win.",
            remedy: "Change it, or remove it.",
            example: ##"{"id": "a", "type": "condition", "paths": [{"when": "1 > 2"}]}"##),
        .duplicateLabel: FindingNote(
            severity: .warning,
            sentence: "Two ways out of a node have the same label, so reports count them as one.",
            remedy: "Give each a label of its own.",
            example: ##"""
                {"id": "a", "type": "condition", "paths": [{"label": "x", "share": 40}, {"label": "x", "share": 60}]}
                """##),
        .invalidTime: FindingNote(
            severity: .error,
            sentence: "A time of the day cannot be read.",
            remedy: "Write `09:00` or `17:30`.",
            example: ##"{"id": "a", "type": "wait", "at": {"time": "9"}}"##),
        .invalidDay: FindingNote(
            severity: .error,
            sentence: "A day of the week cannot be read.",
            remedy: "Use mon, tue, wed, thu, fri, sat and sun.",
            example: ##"{"id": "a", "type": "wait", "at": {"time": "09:00", "days": ["monday"]}}"##),
        .invalidDate: FindingNote(
            severity: .error,
            sentence: "A date or time cannot be read.",
            remedy: "Write `2026-01-31`, `2026-01-31T09:00:00` or `2026-01-31T09:00:00Z`.",
            example: ##"{"properties": {"startAt": "soon"}}"##),
        .emptyWindow: FindingNote(
            severity: .error,
            sentence: "The journey ends before it starts.",
            remedy: "Let `endAt` be later than `startAt`.",
            example: ##"{"properties": {"startAt": "2026-02-01", "endAt": "2026-01-01"}}"##),
        .exceedsGlobalTimeout: FindingNote(
            severity: .warning,
            sentence: "A wait or a time-out lasts longer than the journey, whose `globalTimeout` (91 days where it is "
                + "not given) ends it first.",
            remedy: "Make it shorter, or `globalTimeout` longer.",
            example: ##"{"id": "a", "type": "wait", "for": "P120D"}"##),
        .noWait: FindingNote(
            severity: .warning,
            sentence: "A time-out of no time, or a wait until a time that is past at publication: nobody waits there.",
            remedy: "Give it a longer time, or remove the node.",
            example: ##"{"id": "a", "type": "event", "event": "clicked", "timeout": "PT0S"}"##),
        .unknownTimezone: FindingNote(
            severity: .error,
            sentence: "There is no such time zone.",
            remedy: "Use UTC or a name such as Europe/Paris.",
            example: ##"{"properties": {"timezone": "Mars/Olympus"}}"##),
        .keyWithoutEvent: FindingNote(
            severity: .error,
            sentence: "There is an instance key, and people do not enter by an event.",
            remedy: "Remove the key, or begin with an event.",
            example: ##"""
                {"properties": {"instanceKey": "'x'"},
                 "nodes": [{"id": "in", "type": "readAudience", "audience": "gold"}]}
                """##),
        .lookupNotAllowed: FindingNote(
            severity: .error,
            sentence: "An expression looks data up where nothing can wait for the answer.",
            remedy: "Use the event and the profile there, and look the data up in a condition that follows.",
            example: ##"""
                {"id": "a", "type": "event", "event": "clicked",
                 "filter": "#{loyalty.account.tier, params: {memberId: '1'}} == 'x'"}
                """##),
    ]
}
