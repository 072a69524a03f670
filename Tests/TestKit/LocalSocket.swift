import Glibc

/// Where a server on this machine listens.
package enum LocalPlace: Sendable, Hashable {
    /// On 127.0.0.1.
    case tcp(port: Int)
    case socket(path: String)
}

/// Plain blocking sockets for tests.
enum LocalSocket {
    /// A connected socket, or -1.
    static func connect(_ place: LocalPlace) -> Int32 {
        switch place {
        case .tcp(let port):
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0)
            var address = loopback(port)
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return settle(descriptor, result)
        case .socket(let path):
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            return settle(descriptor, result)
        }
    }

    /// A socket that listens on a port chosen by the system.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && Glibc.listen(descriptor, 128) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard descriptor >= 0, result else {
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw TestKitError("No socket can listen.")
        }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }

    private static func settle(_ descriptor: Int32, _ result: Int32) -> Int32 {
        if descriptor >= 0, result != 0 {
            Glibc.close(descriptor)
            return -1
        }
        return descriptor
    }
}

/// A port on which nothing listened a moment ago. Another process may take it: who starts a server on it tries
/// again with another.
package func freePort() throws -> Int {
    let (descriptor, port) = try LocalSocket.listen()
    close(descriptor)
    return port
}
