import Logging
import Models
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A mail server that takes every mail and sends none on.
struct MailCatcher: Service {
    private let host: String
    private let port: Int
    private let desk: PartnerDesk
    private let logger: Logger
    private let listening: @Sendable (Int) async -> Void

    /// - Parameter listening: is called once with the port.
    init(
        host: String, port: Int, desk: PartnerDesk, logger: Logger,
        listening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.desk = desk
        self.logger = logger
        self.listening = listening
    }

    /// Takes mail until graceful shutdown.
    func run() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(readTimeout: .seconds(Limits.mailIdleMax.components.seconds)),
                        CloseWhenIdle(),
                    ])
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        await listening(server.channel.localAddress?.port ?? port)
        await cancelWhenGracefulShutdown {
            do { try await accept(server) } catch is CancellationError {} catch {
                logger.error("The mail server ended", metadata: ["error": "\(error)"])
            }
        }
    }

    private func accept(_ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>) async throws {
        let places = MailPlaces(limit: Limits.mailConnectionsMax)
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask {
                        let hasPlace = places.enter()
                        defer { if hasPlace { places.leave() } }
                        // What goes wrong on one connection is the other side's affair and ends that one.
                        try? await converse(connection, isWelcome: hasPlace)
                    }
                }
            }
        }
    }

    private func converse(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, isWelcome: Bool) async throws {
        try await connection.executeThenClose { inbound, outbound in
            guard isWelcome else {
                return try await outbound.write(ByteBuffer(string: "421 4.3.2 Too many connections\r\n"))
            }
            try await outbound.write(ByteBuffer(string: MailSession.greeting + "\r\n"))
            var session = MailSession()
            for try await buffer in inbound {
                for action in session.take(buffer.readableBytesView) {
                    switch action {
                    case .reply(let line): try await outbound.write(ByteBuffer(string: line + "\r\n"))
                    case .keep(let mail): try await outbound.write(ByteBuffer(string: await keep(mail) + "\r\n"))
                    case .close: return
                    }
                }
            }
        }
    }

    private func keep(_ mail: Mail) async -> String {
        let fault = desk.takeSwitch(.mail)
        await Delay.wait(fault)
        let status = fault.status ?? 250
        var fields = MailFields.read(mail)
        guard status == 250 else {
            desk.note(Receipt(status: status, fields: fields), at: .mail)
            return "\(status) \(status / 100).0.0 Switched to fail"
        }
        let id = desk.accept(.mail, prefix: "mail", key: nil).id
        fields["id"] = .string(id)
        desk.note(Receipt(status: status, fields: fields), at: .mail)
        return "250 2.0.0 Ok: queued as \(id)"
    }
}

/// Closes a connection on which nothing came for too long.
private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
