import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server of one service: `/rpc`, `/health/*`, `/metrics`, `/version` and the service's own routes.
///
/// It stands on Hummingbird's server and takes the request where that hands it over, without middleware, router or a
/// logger made for each request: what is done here is done for every event.
package struct RPCServer: Service {
    private let settings: RPCServerSettings
    private let content: ServerContent
    private let operations: HTTPRoutes
    private let endpoint: RPCEndpoint
    private let authenticator: any Authenticator
    private let observer: any RPCObserver
    private let logger: Logger
    private let listening: @Sendable (Int) async -> Void
    private let dates = DateText()
    private let budget: BodyBudget

    /// - Parameters:
    ///   - content: methods and routes, which may be installed later.
    ///   - metricsText: the body of `/metrics`.
    ///   - listening: is called once with the port, when requests are taken.
    package init(
        settings: RPCServerSettings, service: String, version: String, content: ServerContent,
        authenticator: any Authenticator, readiness: any Readiness, metricsText: @escaping @Sendable () -> String,
        observer: any RPCObserver = SilentObserver(), logger: Logger,
        listening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.content = content
        self.authenticator = authenticator
        self.observer = observer
        self.logger = logger
        self.listening = listening
        budget = BodyBudget(bytes: settings.bodyBytesTotalMax)
        endpoint = RPCEndpoint(
            content: content, authenticator: authenticator, readiness: readiness, bodyBytesMax: settings.bodyBytesMax)
        operations = HTTPRoutes.operations(
            service: service, version: version, readiness: readiness, metricsText: metricsText)
    }

    /// A server whose content is there from the beginning.
    package init(
        settings: RPCServerSettings, registry: MethodRegistry, routes: HTTPRoutes = HTTPRoutes(),
        authenticator: any Authenticator, readiness: any Readiness, metricsText: @escaping @Sendable () -> String,
        observer: any RPCObserver = SilentObserver(), logger: Logger,
        listening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let content = ServerContent()
        content.install(registry, routes: routes, observer: observer, logger: logger)
        self.init(
            settings: settings, service: registry.service, version: registry.version, content: content,
            authenticator: authenticator, readiness: readiness, metricsText: metricsText, observer: observer,
            logger: logger, listening: listening)
    }

    /// Serves until graceful shutdown: then no connection is taken any more, and each is closed after its answer.
    package func run() async throws {
        let settings = settings
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(settings: settings)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: settings.headerFieldBytesMax, maxHeaderListSize: settings.headerBytesMax,
                maxHeaderFieldCount: settings.headerFieldsMax))
        let isLoopBound = settings.isLoopBound
        let builder = HTTPServerBuilder { responder in
            let base = HTTP1Channel(responder: responder, configuration: channel)
            return isLoopBound ? LoopBoundChannel(base: base) : base
        }
        let server = try builder.buildServer(
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: settings.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.connectionsMax, logger: logger)),
            eventLoopGroup: EventLoopGroupProvider.singleton.eventLoopGroup, logger: logger
        ) { request, writer, channel in
            try await respond(to: request, through: writer, on: channel)
        } onServerRunning: { channel in
            await listening(channel.localAddress?.port ?? settings.port)
        }
        try await server.run()
    }

    private func respond(
        to request: Request, through writer: consuming ResponseWriter, on channel: any Channel
    ) async throws {
        let peer = Peer(channel.remoteAddress)
        let reader = BodyReader(request, channel: channel, budget: budget)
        let path = request.head.path ?? "/"
        let answer =
            path == "/rpc"
            ? await endpoint.answer(request.head, reader, peer: peer)
            : await routed(request.head, path: path, reader: reader, peer: peer)
        observer.answered(status: answer.status)
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            // Parsing a name costs more than all else here, and nearly every answer has this one alone.
            let name = name == "content-type" ? HTTPField.Name.contentType : HTTPField.Name(name)
            if let name { fields.append(HTTPField(name: name, value: value)) }
        }
        fields[.date] = dates.text(at: WallClock.seconds())
        switch answer.body {
        case .bytes(let bytes):
            if answer.status != 204 { fields[.contentLength] = String(bytes.count) }
            let isSent = request.head.method != .head && !bytes.isEmpty
            try await writer.write(
                response: HTTPResponse(status: .init(code: answer.status), headerFields: fields),
                body: isSent ? ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) : ResponseBody())
        case .stream(let write):
            let body = ResponseBody { writer in
                await write(HTTPBodyWriter(writer))
                try await writer.finish(nil)
            }
            try await writer.write(
                response: HTTPResponse(status: .init(code: answer.status), headerFields: fields), body: body)
        }
    }

    private func routed(_ head: HTTPRequest, path: String, reader: BodyReader, peer: Peer) async -> HTTPAnswer {
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? String(parts[1]) : nil
        if parts[0] == "/rpc" { return await endpoint.answer(head, reader, peer: peer) }
        let verb = HTTPVerb(rawValue: head.method.rawValue)
        var found = operations.find(verb, parts[0])
        if case .nothing = found {
            guard let content = content.current else { return RPCEndpoint.starting }
            found = content.routes.find(verb, parts[0])
        }
        switch found {
        case .nothing: return HTTPRefusal.refused(404, "There is nothing here.").answer
        case .otherVerbs(let verbs):
            let allow = verbs.map(\.rawValue).joined(separator: ", ")
            return HTTPRefusal.refused(405, "This address takes \(allow).").answer.adding("allow", allow)
        case .handler(let handler, let parameters):
            let call = HTTPCall(
                verb: verb ?? .get, path: String(parts[0]), query: query, peer: peer, parameters: parameters,
                fields: head.headerFields, reader: reader, authenticator: authenticator)
            do throws(HTTPRefusal) { return try await handler(call) } catch { return error.answer }
        }
    }
}
