import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Keeps one connection within its times and closes it properly after an answer that came before its request was
/// whole. ``ConnectionPhase`` decides; this carries out.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Sent down the pipeline when a body is wanted whose sender waits for `100 Continue`.
    struct Continue: Sendable {}

    private let settings: RPCServerSettings
    private var phase: ConnectionPhase
    private var armedFor: NIODeadline?
    private var timer: Scheduled<Void>?
    private var isClosed = false

    init(settings: RPCServerSettings) {
        self.settings = settings
        phase = ConnectionPhase(settings: settings, now: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bytes = FirstByteHandler { [weak self] in self?.bytesArrived() }
        do {
            try context.pipeline.syncOperations.addHandler(bytes, position: .first)
        } catch {
            // Only a pipeline that is gone refuses a handler.
            context.close(promise: nil)
        }
        self.context = context
        arm()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        self.context = nil
    }

    private var context: ChannelHandlerContext?

    private func bytesArrived() {
        phase.bytesArrived(at: .now())
        arm()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            if phase.isDraining { return }
            phase.headArrived()
        case .body(let buffer):
            guard phase.bodyArrived(bytes: buffer.readableBytes) else {
                if phase.drainIsExhausted { close(context) }
                return
            }
        case .end:
            if phase.isDraining { return close(context) }
            phase.requestArrived(at: .now())
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        timer?.cancel()
        context.fireChannelInactive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isClosed || phase.isDraining {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            if phase.answerBegins() == .closesConnection { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            let end = phase.answerEnds(at: .now())
            if end == .closes { return writeLast(data, context: context, promise: promise) }
            context.write(data, promise: promise)
            if end == .drains { context.flush() }
            arm()
        default: context.write(data, promise: promise)
        }
    }

    /// Closes only after all is written: closing at once would throw away what the socket had no room for.
    private func writeLast(_ end: NIOAny, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.close(context) }
        context.writeAndFlush(end, promise: written)
    }

    /// The server is done with the connection; the other side gets a little time to close its half.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            phase.outputCloses(at: .now())
            arm()
        }
        context.close(mode: mode, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Continue else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if !isClosed { context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil) }
        promise?.succeed()
    }

    /// Makes sure that somebody looks at the deadline; a timer that fires earlier serves as well.
    private func arm() {
        guard let context, !isClosed, let deadline = phase.deadline else { return }
        if let armedFor, armedFor <= deadline { return }
        timer?.cancel()
        armedFor = deadline
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.look() }
    }

    private func look() {
        armedFor = nil
        guard let context, !isClosed else { return }
        switch phase.check(at: .now()) {
        case .again, .nothing: arm()
        case .close: close(context)
        case .refuseSlowRequest:
            let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
            context.write(
                wrapOutboundOut(.head(HTTPResponse(status: .requestTimeout, headerFields: fields))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            close(context)
        }
    }

    private func close(_ context: ChannelHandlerContext) {
        isClosed = true
        timer?.cancel()
        context.close(promise: nil)
    }
}

/// Stands before the HTTP decoder and says that bytes came, so that a head that never ends is seen as well.
private final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let arrived: () -> Void

    init(_ arrived: @escaping () -> Void) { self.arrived = arrived }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived()
        context.fireChannelRead(data)
    }
}
