/// Why a service does not start with these settings: one sentence for whoever started it. Exit code 2.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    package let sentence: String

    package init(_ sentence: String) { self.sentence = sentence }

    package var description: String { sentence }
}
