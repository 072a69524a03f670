import CHiredis
import Glibc

/// A connection as the operating system and hiredis see it: hiredis reaches the server and parses the answers,
/// reads and writes never block. Used by one thread.
final class RedisSocket {
    /// One read takes this much at most; a burst of answers then takes few system calls.
    private static let chunkBytes = 128 << 10

    private let context: UnsafeMutablePointer<redisContext>
    private let reader: UnsafeMutablePointer<redisReader>
    private let builder: ReplyBuilder
    private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 16)
    private let replyBytesMax: Int
    /// Bytes read since the last complete reply.
    private var replyBytes = 0

    let descriptor: Int32
    private(set) var bytesReceived: UInt64 = 0

    private init(
        _ context: UnsafeMutablePointer<redisContext>, _ reader: UnsafeMutablePointer<redisReader>,
        _ builder: ReplyBuilder, replyBytesMax: Int
    ) {
        self.context = context
        self.reader = reader
        self.builder = builder
        self.replyBytesMax = replyBytesMax
        descriptor = context.pointee.fd
    }

    /// Blocks for the time-out at most, and while the system resolves the name.
    static func connect(
        _ address: RedisAddress, timeout: Duration, replyBytesMax: Int
    ) throws(RedisError) -> RedisSocket {
        let limit = timeval(
            tv_sec: Int(timeout.components.seconds),
            tv_usec: Int(timeout.components.attoseconds / 1_000_000_000_000))
        let made =
            switch address.endpoint {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), limit)
            case .socket(let path): redisConnectUnixWithTimeout(path, limit)
            }
        guard let context = made, let reader = context.pointee.reader else {
            throw RedisError(.notConnected, "No memory is left for a connection.", retry: .safe)
        }
        guard context.pointee.err == 0 else {
            let reason = text(&context.pointee.errstr)
            redisFree(context)
            throw RedisError(.notConnected, "Redis cannot be reached: \(reason).", retry: .safe)
        }
        let builder = ReplyBuilder()
        guard
            chiredis_send_replies_to(reader, ReplyBuilder.sink, Unmanaged.passUnretained(builder).toOpaque())
                == REDIS_OK
        else {
            redisFree(context)
            throw RedisError(.notConnected, "No memory is left for a connection.", retry: .safe)
        }
        let descriptor = context.pointee.fd
        switch address.endpoint {
        case .tcp:
            redisEnableKeepAlive(context)
        case .socket:
            // A whole batch; TCP finds its own size. The system gives what it allows.
            var bytes = Int32(2 << 20)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Otherwise the reader gives its buffer back after every burst.
        reader.pointee.maxbuf = 4 * chunkBytes
        return RedisSocket(context, reader, builder, replyBytesMax: replyBytesMax)
    }

    deinit {
        chiredis_detach(reader)
        redisFree(context)
        chunk.deallocate()
    }

    /// Hands as much as it takes to the system. Returns the number of bytes, 0 when it takes none now.
    func write(_ bytes: [UInt8], from offset: Int) throws(RedisError) -> Int {
        let count = bytes.withUnsafeBytes { buffer in
            // Without MSG_NOSIGNAL a closed connection would end the process.
            Glibc.send(
                descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return 0 }
        throw lost()
    }

    /// Reads what is there. False when nothing is.
    func receive() throws(RedisError) -> Bool {
        let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
        if count < 0 {
            if errno == EAGAIN || errno == EINTR { return false }
            throw lost()
        }
        guard count > 0 else {
            throw RedisError(.connectionLost, "Redis closed the connection.", retry: .unknownOutcome)
        }
        bytesReceived &+= UInt64(count)
        replyBytes += count
        guard replyBytes <= replyBytesMax + Self.chunkBytes else {
            throw RedisError(.protocolViolation, "An answer of Redis is larger than allowed.", retry: .unknownOutcome)
        }
        redisReaderFeed(reader, chunk.baseAddress?.assumingMemoryBound(to: CChar.self), count)
        return true
    }

    /// The next complete reply of what was received.
    func nextReply() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else {
            throw RedisError(
                .protocolViolation, "Redis answered what cannot be read: \(Self.text(&reader.pointee.errstr)).",
                retry: .unknownOutcome)
        }
        guard let reply = builder.take() else { return nil }
        replyBytes = 0
        return reply
    }

    private func lost() -> RedisError {
        let reason = String(cString: strerror(errno))
        return RedisError(.connectionLost, "The connection to Redis broke: \(reason).", retry: .unknownOutcome)
    }

    private static func text<Buffer>(_ buffer: inout Buffer) -> String {
        withUnsafeBytes(of: &buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
