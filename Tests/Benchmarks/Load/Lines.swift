import Glibc

/// The connections of a generator: which are free, and what is under way on the others.
struct Lines {
    struct Answer {
        /// 0: the connection ended instead.
        let status: Int
        let people: Int
        let tag: Int

        var isSuccess: Bool { status == 200 || status == 207 }
    }

    private struct Line {
        var people = 0
        var tag = 0
        var received: [UInt8] = []
        var unsent: ArraySlice<UInt8> = []
    }

    private let port: Int
    private var set = SocketSet()
    private var lines: [Int32: Line] = [:]
    private var free: [Int32] = []
    private var chunk = [UInt8](repeating: 0, count: 65_536)

    init(port: Int, count: Int) {
        self.port = port
        for _ in 0..<count { open() }
    }

    var hasFree: Bool { !free.isEmpty }
    var busy: Int { lines.count }

    mutating func send(_ request: [UInt8], people: Int, tag: Int) {
        guard let socket = free.popLast() else { return }
        var line = Line(people: people, tag: tag, unsent: request[...])
        flush(socket, &line)
        lines[socket] = line
    }

    /// Answers that came, waiting for the first at most so long.
    mutating func answers(within nanoseconds: Int64) -> [Answer] {
        // A request larger than the socket's buffer goes out as the other side reads.
        for (socket, line) in lines where !line.unsent.isEmpty {
            var line = line
            flush(socket, &line)
            lines[socket] = line
        }
        var answers: [Answer] = []
        for socket in set.ready(within: nanoseconds) {
            if let answer = receive(socket) { answers.append(answer) }
        }
        return answers
    }

    mutating func close() {
        for socket in free + Array(lines.keys) { Connection.close(socket) }
        set.close()
    }

    private mutating func open() {
        let socket = Connection.open(port: port)
        guard socket >= 0 else { return }
        set.add(socket)
        free.append(socket)
    }

    private func flush(_ socket: Int32, _ line: inout Line) {
        while !line.unsent.isEmpty {
            let sent = line.unsent.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            line.unsent = line.unsent.dropFirst(sent)
        }
    }

    private mutating func receive(_ socket: Int32) -> Answer? {
        let got = recv(socket, &chunk, chunk.count, 0)
        if got < 0, errno == EAGAIN { return nil }
        guard var line = lines.removeValue(forKey: socket) else {
            if got <= 0 { replace(socket) }
            return nil
        }
        guard got > 0 else {
            replace(socket)
            return Answer(status: 0, people: line.people, tag: line.tag)
        }
        line.received += chunk[0..<got]
        let status = line.received.withUnsafeBytes { HTTPText.message(in: $0) == nil ? nil : HTTPText.status(in: $0) }
        guard let status else {
            lines[socket] = line
            return nil
        }
        free.append(socket)
        return Answer(status: status, people: line.people, tag: line.tag)
    }

    private mutating func replace(_ socket: Int32) {
        free.removeAll { $0 == socket }
        Connection.close(socket)
        open()
    }
}
