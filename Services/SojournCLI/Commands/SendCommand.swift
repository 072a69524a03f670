import ArgumentParser
import Foundation
import Models

/// `sojourn send EVENT --profile ID [--set path=value]`
struct SendCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends an event: the definition's sample, with the person's id and the given values put in.")

    @Argument(help: "The event definition's name.") var event: String
    @Option(help: "The person's id, put where the event's key looks for it.") var profile: String
    @Option(name: .customLong("set"), help: "A value: path=value, value JSON or text; may be repeated.")
    var values: [String] = []
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try Self.check(values)
    }

    static func check(_ values: [String]) throws {
        if let wrong = values.first(where: { !$0.contains("=") }) {
            throw ValidationError("\(wrong) is not path=value")
        }
    }

    func run(_ services: ServiceConnection) async throws {
        let payload = try await Self.payload(of: event, profile: profile, values, services)
        let result = try await services.call(.eventIngestion, "ingest.send", ["event": payload])
        if connection.json {
            print(result.text)
            return
        }
        let matched = (result["matched"]?.arrayValue ?? []).map { match in
            "\(match["event"]?.stringValue ?? "") for \(match["profile"]?.stringValue ?? "")"
        }
        let word = result["duplicate"] == true ? "duplicate" : "accepted"
        print("\(word) \(result["id"]?.stringValue ?? ""): \(matched.joined(separator: ", "))")
    }

    /// The event's sample as if it were of this person and new.
    static func payload(
        of event: String, profile: String, _ values: [String], _ services: ServiceConnection
    ) async throws -> JSONValue {
        let preview = try await services.call(.eventIngestion, "events.preview", ["name": .string(event)])
        guard var payload = preview["sample"], case .object = payload else {
            throw CommandFailure(message: "the event \(event) has no sample")
        }
        if let path = preview["keyPath"]?.stringValue { set(.string(profile), at: path, in: &payload) }
        set(.string(UUID().uuidString.lowercased()), at: "_id", in: &payload)
        set(.string(Timestamp.text(Int64(Date().timeIntervalSince1970 * 1_000))), at: "timestamp", in: &payload)
        for pair in values {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let text = String(parts[1])
            set((try? JSONValue.parse(text)) ?? .string(text), at: String(parts[0]), in: &payload)
        }
        return payload
    }

    /// Sets the value at a path such as `order.total`, making objects on the way.
    static func set(_ value: JSONValue, at path: String, in root: inout JSONValue) {
        func put(_ keys: ArraySlice<String>, _ current: JSONValue) -> JSONValue {
            guard let key = keys.first else { return value }
            var object = current.objectValue ?? JSONObject()
            object[key] = put(keys.dropFirst(), object[key] ?? .null)
            return .object(object)
        }
        root = put(path.split(separator: ".").map(String.init)[...], root)
    }
}
