import Redis

/// The scripts of `Scripts/`, each by the name of its file, which says what it takes and answers.
enum QueueScript {
    static let appendInbox = script("appendInbox", PackageResources.appendInbox_lua)
    static let appendAlways = script("appendAlways", PackageResources.appendAlways_lua)
    static let commitBatch = script("commitBatch", PackageResources.commitBatch_lua)
    static let takeLease = script("takeLease", PackageResources.takeLease_lua)
    static let renewLease = script("renewLease", PackageResources.renewLease_lua)
    static let giveBackLease = script("giveBackLease", PackageResources.giveBackLease_lua)
    static let markSuspect = script("markSuspect", PackageResources.markSuspect_lua)
    static let beatReplica = script("beatReplica", PackageResources.beatReplica_lua)
    static let claimRequests = script("claimRequests", PackageResources.claimRequests_lua)
    static let updateClaims = script("updateClaims", PackageResources.updateClaims_lua)
    static let completeRequests = script("completeRequests", PackageResources.completeRequests_lua)
    static let postponeRequests = script("postponeRequests", PackageResources.postponeRequests_lua)
    static let deadLetterRequests = script("deadLetterRequests", PackageResources.deadLetterRequests_lua)
    static let sweepClaims = script("sweepClaims", PackageResources.sweepClaims_lua)
    static let retryDeadLetter = script("retryDeadLetter", PackageResources.retryDeadLetter_lua)
    static let discardDeadLetter = script("discardDeadLetter", PackageResources.discardDeadLetter_lua)
    static let trimSteps = script("trimSteps", PackageResources.trimSteps_lua)
    static let writeProfile = script("writeProfile", PackageResources.writeProfile_lua)
    static let takePlace = script("takePlace", PackageResources.takePlace_lua)
    static let forgetPlaces = script("forgetPlaces", PackageResources.forgetPlaces_lua)
    static let walkAudience = script("walkAudience", PackageResources.walkAudience_lua)

    /// What several scripts share, by the name that `--#include` gives.
    private static let fragments: [String: [UInt8]] = [
        "readClock": PackageResources.readClock_lua,
        "appendStimuli": PackageResources.appendStimuli_lua,
        "knowAudiences": PackageResources.knowAudiences_lua,
        "setMembership": PackageResources.setMembership_lua,
        "keepEvent": PackageResources.keepEvent_lua,
        "splitRequest": PackageResources.splitRequest_lua,
        "joinRequest": PackageResources.joinRequest_lua,
        "failedOutcome": PackageResources.failedOutcome_lua,
        "buryRequests": PackageResources.buryRequests_lua,
        "countWaiting": PackageResources.countWaiting_lua,
        "findDeadLetter": PackageResources.findDeadLetter_lua,
    ]

    private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: expand(String(decoding: source, as: UTF8.self)))
    }

    /// Puts the fragments where the script includes them, and leaves comments out: Redis keeps less.
    static func expand(_ source: String) -> String {
        var lines: [Substring] = []
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("--#include ") {
                let name = String(line.dropFirst("--#include ".count))
                guard let fragment = fragments[name] else {
                    preconditionFailure("A script includes \(name), which is no fragment")
                }
                lines += String(decoding: fragment, as: UTF8.self).split(separator: "\n")
            } else {
                lines.append(line)
            }
        }
        return lines.filter { !$0.hasPrefix("--") }.joined(separator: "\n")
    }
}
