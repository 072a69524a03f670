import Foundation
import Models
import ServiceKit

/// Where each service takes its calls.
struct ServicePlaces: Sendable {
    private let urls: [ServiceName: String]
    /// `host:port` of each, for the policy of the client that calls them.
    let addresses: [String]

    init(_ settings: Settings, ownPort: Int) throws(StartError) {
        var bases: [ServiceName: String] = [:]
        let host = Self.bracketed(settings[ConsoleSettings.servicesHost])
        for service in ServiceName.allCases {
            if let setting = service.urlSetting, let url = settings[setting] {
                bases[service] = url
            } else if service != .console {
                bases[service] = "http://\(host):\(settings[ConsoleSettings.basePort] + service.portOffset)"
            }
        }
        // With port 0 the console does not know where it listens; then nothing is relayed to it.
        if ownPort > 0 {
            bases[.console] = "http://\(Self.reachable(settings[CommonSettings.host])):\(ownPort)"
        }
        try self.init(bases)
    }

    /// - Parameter bases: addresses without a path, such as `http://10.0.0.5:7101`.
    init(_ bases: [ServiceName: String]) throws(StartError) {
        var urls: [ServiceName: String] = [:]
        var addresses: Set<String> = []
        for (service, base) in bases {
            guard let parts = URLComponents(string: base), let host = parts.host, !host.isEmpty,
                parts.scheme == "http" || parts.scheme == "https", parts.user == nil, parts.query == nil
            else {
                throw StartError("The address of \(service.rawValue) must be a URL such as http://10.0.0.5:7101.")
            }
            urls[service] = (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/rpc"
            addresses.insert("\(Self.bracketed(host)):\(parts.port ?? (parts.scheme == "https" ? 443 : 80))")
        }
        self.urls = urls
        self.addresses = addresses.sorted()
    }

    /// The address of a service's `/rpc`; nil where there is no such service.
    func rpcURL(of service: String) -> String? { ServiceName(rawValue: service).flatMap { urls[$0] } }

    /// An address that takes calls for one that the console listens on.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "[::1]"
        default: bracketed(host)
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    }
}
