import Models
import ServiceKit

extension ServiceName {
    /// Where the service is, if it is not at the host and port that follow from the others; the console knows itself.
    var urlSetting: Setting<String?>? {
        self == .console
            ? nil
            : .optionalText(
                "\(rawValue)-url", name: "URL", "Where \(rawValue) is, when not at the services' host and its port.")
    }
}
