import Configuration

/// Gathers settings from the command line, the environment and one file, by swift-configuration's providers.
struct SettingsReader {
    let declared: [any DeclaredSetting]

    /// - Parameters:
    ///   - arguments: without the executable's own name.
    ///   - readFile: the bytes of the file that `--config` names.
    func read(
        arguments: [String], environment: [String: String],
        readFile: (String) throws(SettingsError) -> [UInt8] = SettingsFile.bytes
    ) throws(SettingsError) -> Settings {
        try refuseUnknown(arguments)
        let commandLine = CommandLineArgumentsProvider(arguments: [""] + arguments)
        let variables = EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
        var words: [String: [String]] = [:]
        let path = try optionWords(commandLine, CommonSettings.config.key) ?? variableWords(variables, "config")
        let file = try path.map { path throws(SettingsError) in
            let path = path.joined(separator: ",")
            return try SettingsFile(path: path, bytes: try readFile(path))
        }
        for setting in declared {
            let found: (words: [String], place: String)?
            if let given = try optionWords(commandLine, setting.key) {
                found = (given, "The option --\(setting.key)")
            } else if let given = variableWords(variables, setting.key) {
                found = (given, "The environment variable \(Self.variable(setting.key))")
            } else {
                found = file.flatMap { file in
                    file.words(setting.key).map { ($0, "The setting \(setting.key) in \(file.path)") }
                }
            }
            guard let found else { continue }
            if found.words.isEmpty, setting.valueName != nil { throw SettingsError("\(found.place) needs a value.") }
            do throws(SettingProblem) { try setting.check(found.words) } catch {
                throw SettingsError("\(found.place) \(error.ending).")
            }
            words[setting.key] = found.words
        }
        return Settings(words: words, declared: Set(declared.map(\.key)))
    }

    static func variable(_ key: String) -> String { "SOJOURN_" + key.uppercased().replacing("-", with: "_") }

    /// The provider ignores what nobody asks it for; a misspelt option must be said.
    private func refuseUnknown(_ arguments: [String]) throws(SettingsError) {
        var valuesLeft = 0
        var seen: Set<String> = []
        for argument in arguments {
            guard argument.hasPrefix("--") else {
                guard valuesLeft > 0 else { throw SettingsError("\"\(argument)\" is no option; --help lists all.") }
                valuesLeft -= 1
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard let setting = declared.first(where: { $0.key == key }) else {
                throw SettingsError("There is no option --\(key); --help lists all.")
            }
            if !seen.insert(key).inserted, !(setting is Setting<[String]>) {
                throw SettingsError("The option --\(key) is given twice.")
            }
            valuesLeft = parts.count == 1 ? 1 : 0
        }
    }

    private func optionWords(_ provider: CommandLineArgumentsProvider, _ key: String) throws(SettingsError) -> [String]?
    {
        // As a list, since the provider splits at commas; a setting of one value joins them again.
        guard let found = try? provider.value(forKey: AbsoluteConfigKey([key]), type: .stringArray).value,
            case .stringArray(let words) = found.content
        else { return nil }
        return words
    }

    private func variableWords(_ provider: EnvironmentVariablesProvider, _ key: String) -> [String]? {
        guard let found = try? provider.value(forKey: AbsoluteConfigKey(["sojourn", key]), type: .string).value,
            case .string(let text) = found.content
        else { return nil }
        return [text]
    }
}
