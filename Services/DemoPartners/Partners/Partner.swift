/// The partner systems.
enum Partner: String, Sendable, CaseIterable {
    case loyalty, weather, sms, push, mail

    /// What people call it.
    var title: String {
        switch self {
        case .loyalty: "Loyalty programme"
        case .weather: "Weather service"
        case .sms: "SMS gateway"
        case .push: "Push gateway"
        case .mail: "Mail server"
        }
    }

    /// How it is called.
    var address: String {
        switch self {
        case .loyalty: "GET /loyalty/v1/members/{id} with x-key: demo-key"
        case .weather: "GET /weather/current?city="
        case .sms: "POST /sms/send/{region}"
        case .push: "POST /push/send"
        case .mail: "SMTP, on the port given with --smtp-port"
        }
    }
}
