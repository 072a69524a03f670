import Models

/// The result of a simulation as text.
enum SimulationText {
    static func lines(of result: JSONValue) -> [String] {
        func number(_ key: String) -> String { result[key]?.text ?? "0" }
        var lines = [
            "\(result["journey"]?.stringValue ?? ""): \(number("people")) people, \(number("events")) events, "
                + "seed \(number("seed"))",
            "from \(result["start"]?.stringValue ?? "") to \(result["until"]?.stringValue ?? "")", "",
            "entered \(number("entered")), inside \(number("inside"))" + counts(result["left"], before: ", "),
        ]
        if let refused = result["refused"]?.objectValue, !refused.isEmpty {
            lines.append("refused" + counts(.object(refused), before: " "))
        }
        if let errors = result["errors"]?.objectValue, !errors.isEmpty {
            lines.append("errors" + counts(.object(errors), before: " "))
        }
        var table = TextTable("NODE", "TYPE", "PASSED", "FAILED", "WAYS", "AFTER ENTRY")
        for (id, node) in result["nodes"]?.objectValue ?? JSONObject() {
            table.add(
                id, node["type"]?.stringValue ?? "", node["passed"]?.text ?? "0", node["failed"]?.text ?? "",
                counts(node["paths"], before: ""), node["afterEntry"]?["mean"]?.stringValue ?? "")
        }
        lines += ["", table.text, ""]
        let coverage = result["coverage"]
        lines.append("ways taken: \(coverage?["taken"]?.text ?? "0") of \(coverage?["ways"]?.text ?? "0")")
        for way in coverage?["missing"]?.arrayValue ?? [] { lines.append("  nobody took \(way.stringValue ?? "")") }
        for sample in result["samples"]?.arrayValue ?? [] { lines.append(line(of: sample)) }
        return lines
    }

    private static func counts(_ counts: JSONValue?, before: String) -> String {
        let texts = (counts?.objectValue ?? JSONObject()).map { "\($0.key) \($0.value.text)" }
        return texts.isEmpty ? "" : before + texts.joined(separator: ", ")
    }

    /// One person's way: `person-3: placed → thanks (onError) → done, finished`.
    private static func line(of sample: JSONValue) -> String {
        let steps = (sample["steps"]?.arrayValue ?? []).filter { $0["kind"] == "node" }.map { step -> String in
            let path = step["path"]?.stringValue ?? "next"
            return (step["node"]?.stringValue ?? "") + (path == "next" ? "" : " (\(path))")
        }
        return "\(sample["person"]?.stringValue ?? ""): \(steps.joined(separator: " → ")), "
            + (sample["status"]?.stringValue ?? "")
    }
}
