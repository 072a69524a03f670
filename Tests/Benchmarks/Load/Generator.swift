import Foundation
import Synchronization

/// Sends events over keep-alive connections, one request under way on each. One thread.
final class Generator: Sendable {
    /// What is sent: envelope after envelope of `batchSize` people each.
    struct Source: Sendable {
        let path: String
        let batchSize: Int
        let event: @Sendable (_ person: Int) -> [UInt8]

        func request(_ people: Range<Int>) -> [UInt8] {
            var body: [UInt8] = []
            if batchSize == 1 {
                body = event(people.lowerBound)
            } else {
                body = Array("{\"messages\":[".utf8)
                for person in people {
                    if person > people.lowerBound { body.append(UInt8(ascii: ",")) }
                    body += event(person)
                }
                body += Array("]}".utf8)
            }
            let head =
                "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.count)\r\n\r\n"
            return Array(head.utf8) + body
        }
    }

    struct Result: Sendable {
        /// People whose events were accepted.
        var accepted = 0
        var firstSent: Int64 = 0
        /// Answers other than success, by status; 0 for a connection that ended.
        var refused: [Int: Int] = [:]
    }

    private let source: Source
    private let port: Int
    private let connections: Int

    init(source: Source, port: Int, connections: Int) {
        self.source = source
        self.port = port
        self.connections = connections
    }

    /// As fast as it goes, while fewer than `underWayMax` people are sent and not arrived, until the people are used
    /// up or the time is over.
    func closedLoop(
        _ people: Range<Int>, seconds: Int, underWayMax: Int, arrived: @escaping @Sendable () -> Int
    ) async -> Result {
        await onThread { self.sendClosed(people, seconds, underWayMax, arrived) }
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { waiter in
            Thread.detachNewThread { waiter.resume(returning: work()) }
        }
    }

    private func sendClosed(
        _ people: Range<Int>, _ seconds: Int, _ underWayMax: Int, _ arrived: @Sendable () -> Int
    ) -> Result {
        var result = Result()
        var lines = Lines(port: port, count: connections)
        defer { lines.close() }
        let arrivedBefore = arrived()
        let began = SteadyClock.nanoseconds
        let deadline = began + Int64(seconds) * 1_000_000_000
        result.firstSent = began
        var next = people.lowerBound
        while true {
            let isOver = next >= people.upperBound || SteadyClock.nanoseconds >= deadline
            if isOver && lines.busy == 0 { break }
            while !isOver, next < people.upperBound, lines.hasFree,
                next - people.lowerBound - (arrived() - arrivedBefore) < underWayMax
            {
                let upper = min(next + source.batchSize, people.upperBound)
                lines.send(source.request(next..<upper), people: upper - next, tag: next)
                next = upper
            }
            for answer in lines.answers(within: 1_000_000) { result.note(answer) }
        }
        return result
    }

    /// One person at each tick, whatever the answers: the times of sending are those planned. Returns with the result
    /// when each was due and when it was accepted, both in nanoseconds.
    func openLoop(
        _ people: Range<Int>, perSecond: Int
    ) async -> (result: Result, due: [Int64], accepted: [Int64]) {
        await onThread { self.sendOpen(people, perSecond) }
    }

    private func sendOpen(_ people: Range<Int>, _ perSecond: Int) -> (Result, [Int64], [Int64]) {
        var result = Result()
        var lines = Lines(port: port, count: connections)
        defer { lines.close() }
        let pause = 1_000_000_000 / Int64(perSecond)
        let began = SteadyClock.nanoseconds + 10_000_000
        result.firstSent = began
        let due = people.indices.map { began + Int64($0 - people.lowerBound) * pause }
        var accepted = [Int64](repeating: 0, count: people.count)
        var next = 0
        while next < people.count || lines.busy > 0 {
            while next < people.count, lines.hasFree, due[next] <= SteadyClock.nanoseconds {
                let person = people.lowerBound + next
                lines.send(source.request(person..<person + 1), people: 1, tag: next)
                next += 1
            }
            let untilNext = next < people.count && lines.hasFree ? due[next] - SteadyClock.nanoseconds : 1_000_000
            for answer in lines.answers(within: max(0, untilNext)) {
                result.note(answer)
                if answer.isSuccess { accepted[answer.tag] = SteadyClock.nanoseconds }
            }
        }
        return (result, due, accepted)
    }

}

extension Generator.Result {
    fileprivate mutating func note(_ answer: Lines.Answer) {
        if answer.isSuccess { accepted += answer.people } else { refused[answer.status, default: 0] += answer.people }
    }
}
