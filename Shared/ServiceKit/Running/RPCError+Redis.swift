import JSONRPC
import Redis

extension RPCError {
    /// What a caller learns of an error of Redis: nothing about Redis. Full memory is "too much"; our own mistakes are
    /// internal; the rest is "unavailable", after which the outcome of a write may be unknown.
    package static func redis(_ error: RedisError) -> RPCError {
        switch error.code {
        case .outOfMemory, .queueFull: .tooMuch(retryAfterMilliseconds: 1_000, "There is no room at the moment.")
        case .wrongType, .crossSlot, .refused, .unexpectedReply, .commandTooLarge, .invalidAddress:
            .internalError(cause: error)
        default: .unavailable(error.callerMessage, cause: error)
        }
    }
}
