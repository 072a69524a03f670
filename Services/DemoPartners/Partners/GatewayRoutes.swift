import JSONRPC
import Models

/// The SMS and the push gateway: they take any JSON object, and a repeated `Idempotency-Key` only once.
enum GatewayRoutes {
    static func add(to routes: inout HTTPRoutes, desk: PartnerDesk) {
        routes.on(.post, "/sms/send/{region}") { call throws(HTTPRefusal) in
            let region = call.parameter("region") ?? ""
            return try await take(call, .sms, prefix: "m", extra: ["region": .string(region)], desk: desk)
        }
        routes.on(.post, "/push/send") { call throws(HTTPRefusal) in
            try await take(call, .push, prefix: "p", extra: [:], desk: desk)
        }
    }

    private static func take(
        _ call: HTTPCall, _ partner: Partner, prefix: String, extra: JSONObject, desk: PartnerDesk
    ) async throws(HTTPRefusal) -> HTTPAnswer {
        let bytes = try await call.body(bytesMax: Limits.bodyBytesMax)
        let fault = desk.takeSwitch(partner)
        let key = call.header("idempotency-key")
        var fields = MessageFields.read(bytes)
        for (name, value) in extra { fields[name] = value }
        fields["idempotencyKey"] = key.map { .string(Shortened.text($0)) } ?? .null
        fields["body"] = .string(Shortened.text(String(decoding: bytes, as: UTF8.self)))
        await Delay.wait(fault)
        let status: Int
        let body: JSONValue
        if let failing = fault.status {
            (status, body) = (failing, ["error": "Switched to fail."])
        } else if (try? JSONValue.parse(bytes))?.objectValue == nil {
            (status, body) = (400, ["error": "The body is no JSON object."])
        } else {
            let accepted = desk.accept(partner, prefix: prefix, key: key)
            fields["id"] = .string(accepted.id)
            fields["repeat"] = .bool(accepted.isRepeat)
            (status, body) = (200, ["id": .string(accepted.id), "status": "queued"])
        }
        desk.note(Receipt(status: status, fields: fields), at: partner)
        return HTTPAnswer.json(body, status: status).with(fault)
    }
}
