import Glibc
import Logging
import Models

/// How important a message must be to be written.
package enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

/// What a log line looks like.
package enum LogFormat: String, Sendable, CaseIterable {
    case auto, text, json
}

/// Writes each message as one line, in one write, so that lines of several threads never mix.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String
    private let isJSON: Bool
    private let nowMilliseconds: @Sendable () -> Int64
    private let write: @Sendable ([UInt8]) -> Void

    init(
        label: String, level: Logger.Level, isJSON: Bool, nowMilliseconds: @escaping @Sendable () -> Int64,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
        self.nowMilliseconds = nowMilliseconds
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let more = event.metadata { all.merge(more) { _, new in new } }
        if let error = event.error { all["error"] = "\(error)" }
        let pairs = all.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        write(isJSON ? json(event, pairs) : text(event, pairs))
    }

    private func json(_ event: LogEvent, _ pairs: [(String, String)]) -> [UInt8] {
        var line = JSONObject([
            ("time", .string(Timestamp.text(nowMilliseconds()))), ("level", .string(event.level.rawValue)),
            ("service", .string(label)), ("message", .string(event.message.description)),
        ])
        for (key, value) in pairs where !line.contains(key) { line[key] = .string(value) }
        return JSONValue.object(line).bytes + [UInt8(ascii: "\n")]
    }

    private func text(_ event: LogEvent, _ pairs: [(String, String)]) -> [UInt8] {
        var line = "\(Timestamp.text(nowMilliseconds())) \(event.level.rawValue) \(label): \(event.message)"
        for (key, value) in pairs { line += " \(key)=\(Self.quoted(value))" }
        return Array(line.replacing("\n", with: "\\n").utf8) + [UInt8(ascii: "\n")]
    }

    private static func quoted(_ value: String) -> String {
        value.contains(where: { $0 == " " || $0 == "\"" || $0.isNewline }) ? JSONValue.string(value).text : value
    }
}

extension LineLogHandler {
    /// A logger that writes to standard error.
    static func logger(label: String, level: LogLevel, format: LogFormat) -> Logger {
        let isJSON = format == .json || format == .auto && isatty(STDERR_FILENO) == 0
        return Logger(label: label) { label in
            LineLogHandler(
                label: label, level: level.level, isJSON: isJSON, nowMilliseconds: WallTime.milliseconds,
                write: StandardError.write)
        }
    }
}

/// The end of a process that people and supervisors read.
enum StandardError {
    static let write: @Sendable ([UInt8]) -> Void = { bytes in
        // Nobody is left to be told when this fails.
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// The time of day, for logs and status alone: what decides anything takes Redis' time.
enum WallTime {
    static let milliseconds: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
