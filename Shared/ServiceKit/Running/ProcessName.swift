import Foundation
import Glibc

/// A name for one start of a process, unique among all, from which others of the same host can tell whether it is
/// still there: `<service>-<place>-<pid>-<start>-<random>`.
///
/// A place is one boot of one machine and one namespace of process numbers (and of the clock that tells starts), so
/// that a number means the same process to all who are there: two containers with numbers of their own are two places,
/// also on one machine, and never judge each other. The start, in ticks since the boot, tells a process from a later
/// one with its number.
struct ProcessName: Sendable, Hashable {
    private let place: String
    private let number: pid_t
    private let started: UInt64

    /// Nil for a name that says no place.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).suffix(4).map(String.init)
        guard parts.count == 4, parts[0].utf8.count == Self.placeLength, let number = pid_t(parts[1]), number > 0,
            let started = UInt64(parts[2])
        else { return nil }
        place = parts[0]
        self.number = number
        self.started = started
    }

    /// The name of this process; where the system does not say its place, one that nobody can judge.
    static func own(service: String, place: String?, random: UInt32) -> String {
        let table = ProcessTable.system
        let number = getpid()
        guard let place, case .runs(let started) = table.state(number) else {
            return "\(service)-\(UUID().uuidString.lowercased())"
        }
        return "\(service)-\(place)-\(number)-\(started)-\(String(random, radix: 16))"
    }

    /// Whether its process is known to be there no longer. Of another place nothing is known.
    func isGone(at place: String?, _ table: ProcessTable) -> Bool {
        guard let place, place == self.place else { return false }
        switch table.state(number) {
        case .none: return true
        case .unknown: return false
        case .runs(let started): return started != self.started
        }
    }

    private static let placeLength = 16

    /// This process's place; nil where the system does not tell it, or tells of another place's processes.
    static let here: String? = place(
        boot: try? SmallFile.text("/proc/sys/kernel/random/boot_id"),
        namespace: link("/proc/self/ns/pid").map { $0 + (link("/proc/self/ns/time") ?? "") }, own: link("/proc/self"),
        number: getpid())

    /// - Parameters:
    ///   - boot: the id of the boot, the same to every process of the machine.
    ///   - namespace: the namespace of process numbers, such as `pid:[4026531836]`.
    ///   - own: the number that /proc has for this process. Another one than it has itself: /proc is another place's.
    static func place(boot: String?, namespace: String?, own: String?, number: pid_t) -> String? {
        guard let boot, !boot.isEmpty, let namespace, !namespace.isEmpty, own == String(number) else { return nil }
        // FNV-1a, as the names of places are only compared.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(boot) \(namespace)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: placeLength - digits.count) + digits
    }

    private static func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }
}

/// What the system says of the processes of this place.
struct ProcessTable: Sendable {
    /// Of one process number.
    enum State: Sendable, Hashable {
        /// No process has it, or one that has ended and was not fetched yet.
        case none
        /// One has it, since that tick after the boot.
        case runs(since: UInt64)
        /// The system does not say.
        case unknown
    }

    let state: @Sendable (pid_t) -> State

    /// The system's own: /proc, and a signal that does nothing, since /proc may hide the processes of other users.
    static let system = ProcessTable { number in
        if kill(number, 0) != 0, errno == ESRCH { return .none }
        guard let text = try? SmallFile.text("/proc/\(number)/stat") else { return .unknown }
        return state(stat: text)
    }

    /// Reads `/proc/<pid>/stat`: the name, in brackets, may hold anything; state, threads and start are counted from
    /// its end.
    static func state(stat: String) -> State {
        guard let end = stat.lastIndex(of: ")") else { return .unknown }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count >= 20, let threads = Int(fields[17]), let started = UInt64(fields[19]) else {
            return .unknown
        }
        // One whose first thread has ended while others go on is a zombie to look at, and alive.
        if (fields[0] == "Z" || fields[0] == "X") && threads <= 1 { return .none }
        return .runs(since: started)
    }
}
