import Glibc
import JSONRPC
import Logging
import Models
import ServiceLifecycle
import UnixSignals

/// The partners of the examples in one process: a loyalty programme, a weather service, an SMS and a push gateway, and
/// a mail server that keeps what it gets. For trying things out on one machine; nothing leaves it.
@main
struct DemoPartners {
    static func main() async throws {
        let options: Options
        do {
            options = try Options(Array(CommandLine.arguments.dropFirst()))
        } catch {
            let bytes = Array("\(error.sentence)\n".utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
            exit(2)
        }
        switch options.wish {
        case .help: print(Options.help)
        case .version: print(Options.version)
        case .serve: try await serve(options)
        }
    }

    private static func serve(_ options: Options) async throws {
        let logger = Logger(label: "demo-partners")
        let desk = PartnerDesk(now: WallTime.now)
        let server = PartnerServer.make(options, desk: desk, logger: logger)
        var services: [any Service] = [server]
        if let port = options.mailPort {
            services.append(MailCatcher(host: options.host, port: port, desk: desk, logger: logger))
        }
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
