/// The text of `--help`.
enum SettingsHelp {
    static func text(name: String, summary: String, declared: [any DeclaredSetting]) -> String {
        var lines = [
            "\(name): \(summary)", "",
            "Usage: \(name) [OPTION…]",
            "Each option may also be set by an environment variable, or in the file that --config names; what stands",
            "on the command line goes before the environment, and that before the file.", "",
        ]
        for setting in declared {
            lines.append("  --\(setting.key)\(setting.valueName.map { " " + $0 } ?? "")")
            lines += wrapped(setting.summary, width: 100).map { "        " + $0 }
            let fallback = setting.defaultText.map { "default \($0), " } ?? ""
            lines.append("        (\(fallback)\(SettingsReader.variable(setting.key)))")
        }
        lines += ["  --help", "        Prints this.", "  --version", "        Prints the version."]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
