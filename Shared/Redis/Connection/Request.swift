/// What one caller waits for.
struct Request {
    enum Payload {
        case one(RedisCommand)
        case pipeline([RedisCommand])
    }

    enum Answer {
        case one(RedisReply)
        case pipeline([RedisReply])
        case failed(RedisError)
    }

    let payload: Payload
    let commandCount: Int
    let byteCount: Int
    let deadline: ContinuousClock.Instant
    /// Unsafe, since the checked one costs an allocation a command. It is resumed exactly once: every request is
    /// either in the queue or in the exchange under way, and leaves each by being resumed.
    let continuation: UnsafeContinuation<Answer, Never>

    func write(to output: inout [UInt8]) {
        switch payload {
        case .one(let command): command.write(to: &output)
        case .pipeline(let commands): for command in commands { command.write(to: &output) }
        }
    }
}
