import Glibc

/// A network of two places: this machine, and a namespace in which a process of a test runs. It can be cut, so that
/// packets are lost and nobody is told. It is taken away when nobody holds it any more.
package final class CutNetwork: Sendable {
    /// Whether this machine lets the tests make one: they must be root, and not in a container that forbids it.
    package static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        return (try? CutNetwork()) != nil
    }()

    private let name: String
    private let link: String
    /// Of this machine, as the namespace sees it.
    package let address: String

    package init() throws {
        // One at a time in a process: the cases run one after the other.
        let number = getpid()
        name = "sojourn-\(number)"
        link = "sj\(number)"
        let net = "10.213.\(number % 256)"
        address = net + ".1"
        do {
            for words in [
                ["netns", "add", name],
                ["link", "add", link, "type", "veth", "peer", "name", "inside", "netns", name],
                ["address", "add", address + "/30", "dev", link], ["link", "set", link, "up"],
                ["-n", name, "address", "add", net + ".2/30", "dev", "inside"],
                ["-n", name, "link", "set", "inside", "up"], ["-n", name, "link", "set", "lo", "up"],
            ] { try Self.ip(words) }
        } catch {
            Self.remove(name, link)
            throw error
        }
    }

    deinit { Self.remove(name, link) }

    /// What a command is to begin with, so that it runs in the namespace.
    package var prefix: [String] { ["ip", "netns", "exec", name] }

    package func cut() throws { try Self.ip(["link", "set", link, "down"]) }

    package func heal() throws { try Self.ip(["link", "set", link, "up"]) }

    private static func remove(_ name: String, _ link: String) {
        try? ip(["link", "delete", link])
        try? ip(["netns", "delete", name])
    }

    private static func ip(_ words: [String]) throws {
        let child = try ChildProcess("/usr/bin/env", ["ip"] + words)
        let deadline = ContinuousClock.now + .seconds(10)
        while child.isRunning && ContinuousClock.now < deadline { usleep(2_000) }
        guard child.exitStatus == 0 else { throw TestKitError("ip \(words.joined(separator: " ")) did not succeed.") }
    }
}
