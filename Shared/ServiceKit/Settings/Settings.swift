/// The values of all declared settings, checked.
package struct Settings: Sendable {
    private let words: [String: [String]]
    private let declared: Set<String>

    init(words: [String: [String]], declared: Set<String>) {
        self.words = words
        self.declared = declared
    }

    /// The value, or the default. A setting that the service did not declare is a mistake of ours.
    package subscript<Value>(setting: Setting<Value>) -> Value {
        precondition(declared.contains(setting.key), "the setting \(setting.key) is not declared")
        do throws(SettingProblem) {
            return try setting.value(of: words[setting.key])
        } catch {
            // Checked when the settings were read.
            preconditionFailure("the setting \(setting.key) \(error.ending)")
        }
    }

    /// Whether it was set anywhere.
    package func isSet(_ setting: any DeclaredSetting) -> Bool { words[setting.key] != nil }
}
