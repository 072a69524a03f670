import Glibc

/// What the operating system says of this process, under the names that Prometheus' own clients use.
enum ProcessFigures {
    static func register(in metrics: MetricsRegistry) {
        let memory = metrics.gauge("process_resident_memory_bytes", help: "Memory of the process in RAM.")
        let processor = metrics.gauge("process_cpu_seconds_total", help: "Processor time used, user and system.")
        metrics.onCollect {
            processor.set(processorSeconds())
            if let bytes = residentBytes() { memory.set(bytes) }
        }
    }

    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func residentBytes() -> Double? {
        guard let text = try? SmallFile.text("/proc/self/statm") else { return nil }
        let parts = text.split(separator: " ")
        return parts.count > 1 ? Double(parts[1]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }
}
