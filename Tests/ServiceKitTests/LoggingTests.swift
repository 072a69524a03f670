import Logging
import Models
import Synchronization
import Testing

@testable import ServiceKit

final class Lines: Sendable {
    let all = Mutex<[String]>([])
}

@Suite struct LoggingTests {
    let lines = Lines()

    func logger(isJSON: Bool) -> Logger {
        Logger(label: "event-ingestion") { [lines] label in
            LineLogHandler(
                label: label, level: .notice, isJSON: isJSON, nowMilliseconds: { 1_700_000_000_123 },
                write: { bytes in lines.all.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } })
        }
    }

    @Test("A line of JSON holds time, level, service, message and metadata")
    func json() throws {
        logger(isJSON: true).warning("Redis is away", metadata: ["attempt": "3", "why": "a \"b\"\nc"])
        let line = try #require(lines.all.withLock { $0.first })
        #expect(line.hasSuffix("\n") && line.filter(\.isNewline).count == 1)
        let json = try JSONValue.parse(line)
        #expect(json["time"] == "2023-11-14T22:13:20.123Z")
        #expect(json["level"] == "warning")
        #expect(json["service"] == "event-ingestion")
        #expect(json["message"] == "Redis is away")
        #expect(json["attempt"] == "3" && json["why"] == "a \"b\"\nc")
    }

    @Test("A line of text stays one line")
    func text() {
        logger(isJSON: false).error("It failed", metadata: ["b": "two words", "a": "x\ny"])
        #expect(
            lines.all.withLock { $0 } == [
                "2023-11-14T22:13:20.123Z error event-ingestion: It failed a=\"x\\ny\" b=\"two words\"\n"
            ])
    }

    @Test("What is less important than the level is not written")
    func level() {
        logger(isJSON: false).info("Nothing")
        #expect(lines.all.withLock { $0.isEmpty })
    }
}
