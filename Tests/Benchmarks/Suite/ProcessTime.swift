import Foundation

/// What the system says about a process.
enum ProcessTime {
    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Processor time of all its threads so far, its own and the system's for it; steps of 10 ms.
    static func milliseconds(of pid: pid_t) -> Double {
        let fields = statFields(pid)
        // Fields 14 and 15 of proc(5), of which the first two are before the closing bracket.
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / ticksPerSecond * 1_000
    }

    static func residentMebibytes(of pid: pid_t) -> Int {
        let fields = statFields(pid)
        guard fields.count > 21, let pages = Int(fields[21]) else { return 0 }
        return (pages * Int(getpagesize())) >> 20
    }

    private static func statFields(_ pid: pid_t) -> [Substring] {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
