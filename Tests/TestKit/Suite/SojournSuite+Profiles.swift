import HTTPClient
import Models
import Redis

extension SojournSuite {
    /// Upserts profiles in batches of calls.
    package func upsert(_ people: [(id: String, attributes: JSONObject)]) async throws {
        for from in stride(from: 0, to: people.count, by: 500) {
            let calls = people[from..<min(from + 500, people.count)].map { person -> JSONValue in
                [
                    "jsonrpc": "2.0", "id": .string(person.id), "method": "profiles.upsert",
                    "params": [
                        "namespace": "crmId", "id": .string(person.id), "attributes": .object(person.attributes),
                    ],
                ]
            }
            let response = try await send(
                .dataSourceFetching, "/rpc", body: JSONValue.array(calls).bytes,
                headers: ["Content-Type": "application/json"], bearer: adminKey, timeout: .seconds(60))
            let answers = response.json.arrayValue ?? []
            let failed = answers.filter { $0["result"] == nil }
            guard answers.count == calls.count, failed.isEmpty else {
                throw TestKitError("Profiles were refused: \(failed.first?.text ?? "no answer")")
            }
        }
    }

    /// Waits until the rule of an audience was evaluated over everyone.
    package func waitUntilEvaluated(_ audience: String, within limit: Duration = .seconds(30)) async throws {
        try await eventually(within: limit, "\(audience) is evaluated") {
            let shown = try await call(.dataSourceFetching, "audiences.get", ["name": .string(audience)])
            return shown["evaluation"]?["state"] == "done"
        }
    }

    /// How many people the walk has looked at, read past the service.
    package func evaluated(_ audience: String) async throws -> Int64 {
        var sum: Int64 = 0
        for partition in 0..<settings.partitions {
            let text = try await redisClient.slow.send(
                RedisCommand("HGET", key("state", partition), "walk:audience:\(audience)")
            ).text
            sum += text.flatMap { try? JSONValue.parse($0) }?["done"]?.integerValue ?? 0
        }
        return sum
    }

    /// The ids of all members, each once.
    package func members(_ audience: String) async throws -> Set<String> {
        var found: [String] = []
        var params: JSONObject = ["name": .string(audience), "limit": 700]
        repeat {
            let page = try await call(.dataSourceFetching, "audiences.members", .object(params))
            found += (page["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
            params["cursor"] = page["cursor"]
        } while params["cursor"] != nil
        guard Set(found).count == found.count else { throw TestKitError("A member of \(audience) is listed twice.") }
        return Set(found)
    }
}
