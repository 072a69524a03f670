import JSONRPC
import Models

/// Switches that make partners fail: `POST /control {"sms": {"status": 503, "delayMs": 0, "times": 3}}`.
enum ControlRoutes {
    static func add(to routes: inout HTTPRoutes, desk: PartnerDesk) {
        routes.on(.get, "/control") { _ throws(HTTPRefusal) in .json(desk.switches) }
        routes.on(.post, "/control") { call throws(HTTPRefusal) in
            try set(try await wanted(call), desk: desk)
            return .json(desk.switches)
        }
        routes.on(.delete, "/control") { _ throws(HTTPRefusal) in
            for partner in Partner.allCases { desk.setSwitch(partner, FaultSwitch()) }
            return .json(desk.switches)
        }
    }

    /// The body, or what the query says: `/control?partner=sms&status=503&delayMs=0&times=3`.
    private static func wanted(_ call: HTTPCall) async throws(HTTPRefusal) -> JSONObject {
        if let partner = call.queryItem("partner") {
            var object = JSONObject()
            for name in ["status", "delayMs", "retryAfter", "times"] {
                guard let text = call.queryItem(name), !text.isEmpty else { continue }
                guard let number = Int64(text) else { throw .refused(400, "\(name) is a whole number.") }
                object[name] = .integer(number)
            }
            return JSONObject([(partner, .object(object))])
        }
        let bytes = try await call.body(bytesMax: Limits.bodyBytesMax)
        guard let object = (try? JSONValue.parse(bytes))?.objectValue else {
            throw .refused(400, "The body is an object of partners and their switches.")
        }
        return object
    }

    /// All or nothing: the first mistake leaves every switch as it was.
    private static func set(_ wanted: JSONObject, desk: PartnerDesk) throws(HTTPRefusal) {
        var changes: [(Partner, FaultSwitch)] = []
        for (name, value) in wanted {
            guard let partner = Partner(rawValue: name) else {
                let names = Partner.allCases.map(\.rawValue).joined(separator: ", ")
                throw .refused(400, "The partners are \(names).")
            }
            do throws(FaultSwitch.Mistake) {
                changes.append((partner, value.isNull ? FaultSwitch() : try FaultSwitch(value)))
            } catch { throw .refused(400, error.sentence) }
        }
        for (partner, value) in changes { desk.setSwitch(partner, value) }
    }
}
