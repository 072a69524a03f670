import JSONRPC
import Models

/// The loyalty programme and the weather service.
enum LookupRoutes {
    static func add(to routes: inout HTTPRoutes, desk: PartnerDesk) {
        routes.on(.get, "/loyalty/v1/members/{id}") { call throws(HTTPRefusal) in
            let id = call.parameter("id") ?? ""
            return await answer(.loyalty, ["member": .string(Shortened.text(id))], desk: desk) {
                guard call.header("x-key") == Members.key else { return (401, ["error": "The header x-key is wrong."]) }
                return Members.account(id).map { (200, $0) } ?? (404, ["error": "There is no such member."])
            }
        }
        routes.on(.get, "/weather/current") { call throws(HTTPRefusal) in
            let city = call.queryItem("city") ?? ""
            return await answer(.weather, ["city": .string(Shortened.text(city))], desk: desk) {
                guard !city.isEmpty else { return (400, ["error": "The parameter city is missing."]) }
                return Weather.current(city).map { (200, $0) } ?? (404, ["error": "Nobody looks at the sky there."])
            }
        }
    }

    private static func answer(
        _ partner: Partner, _ asked: JSONObject, desk: PartnerDesk, _ find: () -> (status: Int, body: JSONValue)
    ) async -> HTTPAnswer {
        let fault = desk.takeSwitch(partner)
        let result = fault.status.map { ($0, ["error": "Switched to fail."]) } ?? find()
        await Delay.wait(fault)
        var fields = asked
        fields["answer"] = result.1
        desk.note(Receipt(status: result.0, fields: fields), at: partner)
        return HTTPAnswer.json(result.1, status: result.0).with(fault)
    }
}
