import Glibc
import Synchronization

/// A server started by a test. It dies with the test's process, however that ends: a small shell stands between
/// and kills it when its standard input closes.
package final class ChildProcess: Sendable {
    private struct State {
        var shell: pid_t = 0
        var leash: Int32 = -1
        var exitStatus: Int32?
    }

    private let state: Mutex<State>
    /// Of the server itself.
    package let pid: pid_t

    /// - Parameters:
    ///   - environment: instead of the test's own, when given.
    ///   - output: a file to which both outputs are appended.
    ///   - errors: a file for the error output alone.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil,
        output: String = "/dev/null", errors: String? = nil
    ) throws {
        // The server is told its number before it starts, so that it can be read before the server says anything.
        let script =
            #"exec 3<&0; "$@" </dev/null 3<&- 4>&- & echo $! >&4; exec 4>&-; "#
            + "read -r _ <&3; kill -9 $! 2>&-; wait $!"
        let words = ["/bin/sh", "-c", script, "sh", executable] + arguments
        let variables = environment?.map { "\($0.key)=\($0.value)" }

        var leash: [Int32] = [-1, -1]
        var number: [Int32] = [-1, -1]
        // Sockets, since pipes cannot be made so that a child started meanwhile does not inherit them.
        let kind = Int32(SOCK_STREAM.rawValue) | LocalSocket.closeOnExec
        guard socketpair(AF_UNIX, kind, 0, &leash) == 0, socketpair(AF_UNIX, kind, 0, &number) == 0 else {
            throw TestKitError("No sockets are left.")
        }
        defer {
            close(leash[0])
            close(number[0])
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, leash[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        posix_spawn_file_actions_adddup2(&actions, number[1], 4)

        // The threads of Swift's tasks block signals, and a child would go on to.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var shell: pid_t = 0
        let code = Self.withCStrings(words) { words in
            if let variables {
                return Self.withCStrings(variables) { posix_spawn(&shell, "/bin/sh", &actions, &attributes, words, $0) }
            }
            return posix_spawn(&shell, "/bin/sh", &actions, &attributes, words, environ)
        }
        close(number[1])
        guard code == 0 else {
            close(leash[1])
            throw TestKitError("No process can be started: \(String(cString: strerror(code))).")
        }
        state = Mutex(State(shell: shell, leash: leash[1]))
        pid = Self.readNumber(number[0])
        guard pid > 0 else { throw TestKitError("The shell started no process.") }
    }

    deinit {
        end()
    }

    /// Whether the server runs; false as soon as it has ended, however.
    package var isRunning: Bool {
        // The shell reaps it only at its own end, so a process that has ended is a zombie till then.
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return false }
        let text = String(decoding: line.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self)
        return text.split(separator: ")").last?.split(separator: " ").first.map { $0 != "Z" && $0 != "X" } ?? false
    }

    /// What it ended with: its exit code, or 128 and the signal that killed it; `nil` while it runs.
    package var exitStatus: Int32? {
        if !isRunning { end() }
        return state.withLock { $0.exitStatus }
    }

    package func signal(_ signal: Int32) {
        // After its end the number may be another process's.
        if isRunning { kill(pid, signal) }
    }

    /// Kills the server and waits until it is gone. Doing it twice is the same.
    package func end() {
        state.withLock { state in
            guard state.shell > 0 else { return }
            // A stopped process takes the kill signal too; one that has ended is a zombie until the shell ends.
            kill(pid, SIGKILL)
            close(state.leash)
            var status: Int32 = 0
            while waitpid(state.shell, &status, 0) < 0, errno == EINTR {}
            state = State(exitStatus: (status >> 8) & 0xff)
        }
    }

    private static func readNumber(_ descriptor: Int32) -> pid_t {
        var text: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != 10 { text.append(byte) }
        return pid_t(String(decoding: text, as: UTF8.self)) ?? 0
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return body(copies)
    }
}
