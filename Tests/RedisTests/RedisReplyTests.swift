import Testing

@testable import Redis

@Suite("Replies")
struct RedisReplyTests {
    @Test("Each accessor takes its own type and refuses the others")
    func types() throws {
        let error = RedisReply.error(RedisErrorReply(line: "WRONGTYPE no"))
        #expect(try RedisReply.integer(3).requireInteger() == 3)
        #expect(try RedisReply.bulk([1]).requireBytes() == [1])
        #expect(try RedisReply.null.optionalBytes() == nil)
        #expect(try RedisReply.status("OK").requireText() == "OK")
        #expect(try RedisReply.null.optionalText() == nil)
        #expect(try RedisReply.null.requireArray() == [])
        #expect(throws: RedisError.self) { try RedisReply.bulk([1]).requireStatus() }
        for reply in [RedisReply.null, .bulk([]), .status("x"), .array([])] {
            let mistake = try #require(throws: RedisError.self) { try reply.requireInteger() }
            #expect(mistake.code == .unexpectedReply)
        }
        let refusal = try #require(throws: RedisError.self) { try error.requireInteger() }
        #expect(refusal.code == .wrongType)
        #expect(throws: RedisError.self) { try error.checked() }
    }
}

@Suite("Errors of Redis")
struct RedisErrorReplyTests {
    @Test(
        "Each class of error says whether its command may be sent again",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", .loading, .safe),
            ("BUSY Redis is busy running a script.", .busy, .safe),
            ("READONLY You can't write against a read only replica.", .readOnly, .safe),
            ("MISCONF Redis is configured to save RDB snapshots", .diskRefused, .safe),
            ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, .safe),
            ("NOSCRIPT No matching script.", .noScript, .safe),
            ("CLUSTERDOWN The cluster is down", .clusterDown, .safe),
            ("MASTERDOWN Link with MASTER is down", .masterDown, .safe),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain, .safe),
            ("MOVED 3999 127.0.0.1:6381", .moved, .safe),
            ("ASK 3999 127.0.0.1:6381", .ask, .safe),
            ("NOREPLICAS Not enough good replicas to write.", .noReplicas, .safe),
            ("ERR max number of clients reached", .refused, .safe),
            ("NOAUTH Authentication required.", .notAuthenticated, .never),
            ("WRONGPASS invalid username-password pair or user is disabled.", .notAuthenticated, .never),
            ("NOPERM this user has no permissions", .noPermission, .never),
            ("WRONGTYPE Operation against a key", .wrongType, .never),
            ("CROSSSLOT Keys in request don't hash to the same slot", .crossSlot, .never),
            ("EXECABORT Transaction discarded because of previous errors.", .transactionAborted, .never),
            ("ERR syntax error", .refused, .never),
            ("something without a code", .refused, .never),
            ("OOM command not allowed. script: 8f3a, on @user_script:3.", .outOfMemory, .unknownOutcome),
            ("READONLY no. script: 8f3a, on @user_script:3.", .readOnly, .unknownOutcome),
        ] as [(String, RedisError.Code, RedisError.Retry)])
    func classes(line: String, code: RedisError.Code, retry: RedisError.Retry) {
        let error = RedisErrorReply(line: line).error
        #expect(error.code == code)
        #expect(error.retry == retry)
    }

    @Test("A message does not repeat the arguments of a command")
    func arguments() {
        let reply = RedisErrorReply(line: "ERR unknown command 'NOPE', with args beginning with: 'secret' ")
        #expect(reply.code == "ERR")
        #expect(reply.message == "unknown command 'NOPE'")
        #expect(!"\(reply.error)".contains("secret"))
    }

    @Test("Callers hear a sentence that names nothing", arguments: RedisError.Retry.allCases)
    func callers(retry: RedisError.Retry) {
        let error = RedisError(.loading, "at 10.0.0.1:6379 {sj:3}:inbox", retry: retry)
        #expect(!error.callerMessage.contains("6379"))
        #expect(!error.callerMessage.contains("Redis"))
    }
}
