import CCurl
import Glibc

/// The sockets that libcurl wants watched, in an epoll set, and the descriptor that wakes the loop.
final class SocketWatcher {
    private let descriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>

    private struct Record {
        var isOurs = false
        /// What libcurl wants now, and what the set has.
        var wanted: UInt32 = 0
        var watched: UInt32 = 0
    }

    /// By descriptor, which the system keeps small.
    private var records: [Record] = []

    /// How many sockets one look returns; the others come with the next.
    private static let eventsMax = 256

    init(wakeDescriptor: Int32) throws(HTTPError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            throw HTTPError(.closed, "The client cannot start: no file descriptor is left.", retry: .safe)
        }
        events = .allocate(capacity: Self.eventsMax)
        watch(wakeDescriptor, EPOLLIN.rawValue)
    }

    deinit {
        events.deallocate()
        Glibc.close(descriptor)
    }

    /// Tells libcurl to announce its sockets here; the watcher must live as long as the multi handle.
    func attach(to multi: UnsafeMutableRawPointer) {
        ccurl_multi_set_socket_callback(multi, announceSocket, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Waits for what is ready, at most so long, and passes each descriptor with libcurl's event bits.
    func wait(milliseconds: Int64, _ act: (Int32, Int32) -> Void) {
        let count = epoll_wait(
            descriptor, events.baseAddress, Int32(Self.eventsMax), Int32(clamping: milliseconds))
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) where isWanted(event.data.fd) {
            var bits: Int32 = 0
            if event.events & EPOLLIN.rawValue != 0 { bits |= Int32(CURL_CSELECT_IN) }
            if event.events & EPOLLOUT.rawValue != 0 { bits |= Int32(CURL_CSELECT_OUT) }
            if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { bits |= Int32(CURL_CSELECT_ERR) }
            act(event.data.fd, bits)
        }
    }

    /// Notes that a socket was opened by us, so that its end will be told by `closed` as well.
    func opened(_ socket: Int32) {
        guard socket >= 0 else { return }
        while records.count <= Int(socket) { records.append(Record()) }
        records[Int(socket)] = Record(isOurs: true)
    }

    /// Notes that one of our sockets is about to be closed; the system takes it out of the set.
    func closed(_ socket: Int32) {
        guard records.indices.contains(Int(socket)) else { return }
        records[Int(socket)] = Record()
    }

    fileprivate func follow(_ socket: curl_socket_t, _ what: Int32) {
        let wanted: UInt32 =
            switch what {
            case Int32(CURL_POLL_IN): EPOLLIN.rawValue
            case Int32(CURL_POLL_OUT): EPOLLOUT.rawValue
            case Int32(CURL_POLL_INOUT): EPOLLIN.rawValue | EPOLLOUT.rawValue
            default: 0
            }
        guard records.indices.contains(Int(socket)), records[Int(socket)].isOurs else {
            return watch(socket, wanted)
        }
        records[Int(socket)].wanted = wanted
        // A connection that goes idle is mostly wanted again at once: it stays in the set until it has something
        // to say, which saves two calls of the system a request.
        guard wanted != 0, records[Int(socket)].watched != wanted else { return }
        records[Int(socket)].watched = wanted
        watch(socket, wanted)
    }

    private func isWanted(_ socket: Int32) -> Bool {
        guard records.indices.contains(Int(socket)), records[Int(socket)].isOurs else { return true }
        guard records[Int(socket)].wanted == 0 else { return true }
        records[Int(socket)].watched = 0
        watch(socket, 0)
        return false
    }

    /// A descriptor number may have been closed and given out again unseen, so either call may be the right one.
    private func watch(_ socket: Int32, _ interest: UInt32) {
        guard interest != 0 else {
            epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
            return
        }
        var event = epoll_event(events: interest, data: epoll_data_t(fd: socket))
        if epoll_ctl(descriptor, EPOLL_CTL_MOD, socket, &event) != 0, errno == ENOENT {
            epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
        }
    }
}

private func announceSocket(
    _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<SocketWatcher>.fromOpaque(context).takeUnretainedValue().follow(socket, what)
    return 0
}
