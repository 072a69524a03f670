/// One setting of a service: its option, its environment variable, its line in `--help` and its check.
///
/// `inbox-max` is `--inbox-max` on the command line, `SOJOURN_INBOX_MAX` in the environment and `inbox-max` in the
/// file; the first of these that has it wins.
package struct Setting<Value: Sendable>: Sendable {
    package let key: String
    /// What stands for the value in the help, such as `FILE`; nil for a flag, which needs none.
    package let valueName: String?
    /// What it is, in which unit, and why the default is what it is.
    package let summary: String
    package let defaultText: String?
    let isList: Bool
    private let fallback: Value
    private let convert: @Sendable ([String]) throws(SettingProblem) -> Value

    init(
        key: String, valueName: String?, summary: String, defaultText: String?, isList: Bool = false,
        fallback: Value, convert: @escaping @Sendable ([String]) throws(SettingProblem) -> Value
    ) {
        self.key = key
        self.valueName = valueName
        self.summary = summary
        self.defaultText = defaultText
        self.isList = isList
        self.fallback = fallback
        self.convert = convert
    }

    /// The value of these words, or the default where there are none.
    func value(of words: [String]?) throws(SettingProblem) -> Value {
        guard let words else { return fallback }
        return try convert(words)
    }
}

/// A setting whatever its type, for tables of them.
package protocol DeclaredSetting: Sendable {
    var key: String { get }
    var valueName: String? { get }
    var summary: String { get }
    var defaultText: String? { get }
    /// Throws what is wrong with these words.
    func check(_ words: [String]) throws(SettingProblem)
}

extension Setting: DeclaredSetting {
    package func check(_ words: [String]) throws(SettingProblem) { _ = try value(of: words) }
}

/// The end of a sentence that begins with the setting: `must be …`.
package struct SettingProblem: Error, Sendable {
    let ending: String
}
