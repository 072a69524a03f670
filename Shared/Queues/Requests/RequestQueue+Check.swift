import Models
import Redis

extension RequestQueue {
    /// Claims in one script call.
    private static let callClaimsMax = 500

    /// Calls a script for claims of several partitions in one pipeline, and gives its answers in the order of claims.
    ///
    /// An error of one partition is thrown after all were tried: claims of others may be done, and answer
    /// ``ClaimCheck/late`` when the call is repeated.
    ///
    /// - Parameter isBounded: the script answers 2 for a claim that may not wait; others answer times.
    func check(
        _ claims: [Claim], isBounded: Bool = false, call: (PartitionKeys) -> RedisCommand,
        add: (inout RedisCommand, Int) -> Void
    ) async throws(QueueError) -> [ClaimCheck] {
        var calls: [(partition: Int, command: RedisCommand)] = []
        var places: [[Int]] = []
        var open: [Int: Int] = [:]
        for (place, claim) in claims.enumerated() {
            let number: Int
            if let known = open[claim.partition], places[known].count < Self.callClaimsMax {
                number = known
            } else {
                number = calls.count
                open[claim.partition] = number
                calls.append((claim.partition, call(keys.partition(claim.partition))))
                places.append([])
            }
            add(&calls[number].command, place)
            places[number].append(place)
        }
        var checks = [ClaimCheck](repeating: .late, count: claims.count)
        var failure: QueueError?
        for (own, answer) in zip(places, await pipeline.run(calls)) {
            switch answer.reply {
            case .failure(let error): failure = failure?.code == .unknownOutcome ? failure : error
            case .success(let reply):
                let answers = reply.elements ?? []
                for (place, item) in zip(own, answers) {
                    switch item.integerValue ?? 0 {
                    case 0: continue
                    case 2 where isBounded: checks[place] = .full
                    default: checks[place] = .done
                    }
                }
            }
        }
        if let failure { throw failure }
        return checks
    }
}

/// A text as JSON.
func jsonText(_ text: String) -> [UInt8] { JSONValue.string(text).bytes }

extension UInt8 {
    /// Letters, digits, `_`, `.` and `-`.
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
