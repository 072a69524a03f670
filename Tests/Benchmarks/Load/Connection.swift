// The system's epoll is no part of Glibc's module; it comes with this header.
import CCurl
import Glibc

/// Sockets of 127.0.0.1 that do not block once connected.
enum Connection {
    /// A connected socket, or -1.
    static func open(port: Int) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return -1 }
        var address = place(port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            Glibc.close(socket)
            return -1
        }
        makeReady(socket)
        return socket
    }

    /// A socket that listens on a port of the system's choice.
    static func listen() -> (socket: Int32, port: Int)? {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(AF_INET, kind, 0)
        guard socket >= 0 else { return nil }
        var address = place(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(socket, raw, length) == 0 && Glibc.listen(socket, 1_024) == 0
                    ? getsockname(socket, raw, &length) : -1
            }
        }
        guard code == 0 else {
            Glibc.close(socket)
            return nil
        }
        return (socket, Int(in_port_t(bigEndian: address.sin_port)))
    }

    static func makeReady(_ socket: Int32) {
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    }

    static func close(_ socket: Int32) { Glibc.close(socket) }

    private static func place(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }
}

/// Sockets that are waited for together.
struct SocketSet {
    private let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    func add(_ socket: Int32) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: socket))
        epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
    }

    /// Those that have something to read, or have ended.
    mutating func ready(within nanoseconds: Int64) -> [Int32] {
        var limit = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = epoll_pwait2(descriptor, &events, Int32(events.count), &limit, nil)
        return count > 0 ? events.prefix(Int(count)).map { $0.data.fd } : []
    }

    func close() { Glibc.close(descriptor) }
}
