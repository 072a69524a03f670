import NIOCore
import Testing

@testable import JSONRPC

@Suite struct ConnectionPhaseTests {
    func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(1_000_000 * (1_000 + milliseconds))) }

    func phase() -> ConnectionPhase {
        var settings = RPCServerSettings(port: 0)
        settings.requestTimeMax = .milliseconds(100)
        settings.idleTimeMax = .milliseconds(1_000)
        settings.lingerTimeMax = .milliseconds(50)
        settings.lingerBytesMax = 10
        return ConnectionPhase(settings: settings, now: at(0))
    }

    @Test("A fresh connection is closed after its idle time, without an answer")
    func idle() {
        let phase = phase()
        #expect(phase.check(at: at(999)) == .again(at(1_000)))
        #expect(phase.check(at: at(1_000)) == .close)
    }

    @Test("A request's time counts from its first byte and later bytes do not extend it")
    func slowRequest() {
        var phase = phase()
        phase.bytesArrived(at: at(500))
        phase.bytesArrived(at: at(590))
        #expect(phase.check(at: at(599)) == .again(at(600)))
        #expect(phase.check(at: at(600)) == .refuseSlowRequest)
    }

    @Test("While the server works on a whole request nothing is due")
    func working() {
        var phase = phase()
        phase.bytesArrived(at: at(0))
        phase.headArrived()
        phase.requestArrived(at: at(1))
        #expect(phase.check(at: at(100_000)) == .nothing)
        #expect(phase.answerBegins() == .keepsConnection)
        #expect(phase.answerEnds(at: at(100_000)) == .keepsConnection)
        #expect(phase.check(at: at(100_001)) == .again(at(101_000)))
    }

    @Test("An answer before the request is whole closes the connection after what still comes")
    func early() {
        var phase = phase()
        phase.bytesArrived(at: at(0))
        phase.headArrived()
        #expect(phase.answerBegins() == .closesConnection)
        #expect(phase.answerEnds(at: at(10)) == .drains)
        let forwarded = phase.bodyArrived(bytes: 10)
        #expect(!forwarded && !phase.drainIsExhausted)
        _ = phase.bodyArrived(bytes: 1)
        #expect(phase.drainIsExhausted)
        #expect(phase.check(at: at(60)) == .close)
    }

    @Test("A late next request gets no answer out of turn")
    func pipelined() {
        var phase = phase()
        phase.bytesArrived(at: at(0))
        phase.headArrived()
        phase.requestArrived(at: at(0))
        phase.bytesArrived(at: at(10))
        phase.headArrived()
        #expect(phase.answerBegins() == .keepsConnection)
        #expect(phase.check(at: at(110)) == .close)
    }

    @Test("A slow body whose answer has begun is cut off without a second answer")
    func begun() {
        var phase = phase()
        phase.bytesArrived(at: at(0))
        phase.headArrived()
        _ = phase.answerBegins()
        #expect(phase.check(at: at(100)) == .close)
    }
}
