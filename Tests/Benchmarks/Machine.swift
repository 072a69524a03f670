import Foundation

/// What a result was measured on.
enum Machine {
    static var description: String {
        let cpu = value("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        let memory = value("MemTotal", in: "/proc/meminfo").flatMap { Int($0.split(separator: " ")[0]) } ?? 0
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first ?? "?"
        return "\(cpu), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(memory >> 20) GiB, Linux "
            + kernel.trimmingCharacters(in: .whitespacesAndNewlines) + ", load before \(load)"
    }

    private static func value(_ name: String, in file: String) -> String? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        return nil
    }
}
