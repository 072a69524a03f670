import Foundation
import Testing

@Suite("Rules of the source")
struct SourceRuleTests {
    static let product = SourceTree.files(".swift", below: "Shared", "Services")
    static let everything = SourceTree.files(".swift", below: "Shared", "Services", "Tests")

    @Test("No file grows past 600 lines, no line past 120 characters", arguments: everything)
    func length(file: SourceTree.File) {
        #expect(file.lines.count <= 600)
        let long = file.lines.enumerated().filter { $0.element.count > 120 }.map { $0.offset + 1 }
        // Tables of test cases are read across, so only the product is held to the width.
        if !file.path.hasPrefix("Tests/") { #expect(long.isEmpty, "lines \(long)") }
    }

    @Test("Unsafe words stand only where a reason stands beside them", arguments: product)
    func unsafeWords(file: SourceTree.File) {
        let words = ["try!", "fatalError(", "@unchecked Sendable", "nonisolated(unsafe)", "as!", "unowned(unsafe)"]
        for (number, line) in file.lines.enumerated() {
            let code = line.components(separatedBy: "//").first ?? ""
            for word in words where code.contains(word) {
                // A reason is a comment on the line or in the six lines above.
                let near = file.lines[max(0, number - 6)...number]
                #expect(near.contains { $0.contains("//") }, "\(file.path):\(number + 1) says \(word) without a reason")
            }
        }
    }

    @Test("Nothing is public, no loop is an unstructured task", arguments: product)
    func access(file: SourceTree.File) {
        for (number, line) in file.lines.enumerated() {
            let code = (line.components(separatedBy: "//").first ?? "").trimmingCharacters(in: .whitespaces)
            #expect(!code.hasPrefix("public "), "\(file.path):\(number + 1) is public")
            #expect(!code.contains("Task.detached"), "\(file.path):\(number + 1) starts a task that nothing waits for")
        }
    }

    @Test(
        "Every package type and function of Shared has documentation", arguments: SourceTree.files(".swift", below: "Shared"))
    func documentation(file: SourceTree.File) {
        let heads = ["package struct ", "package enum ", "package final class ", "package actor ", "package protocol "]
        for (number, line) in file.lines.enumerated() {
            let code = line.trimmingCharacters(in: .whitespaces)
            guard line.hasPrefix("package"), heads.contains(where: code.hasPrefix) || code.hasPrefix("package func ")
            else { continue }
            var above = number - 1
            while above >= 0, file.lines[above].hasPrefix("@") { above -= 1 }
            #expect(
                above >= 0 && file.lines[above].hasPrefix("///"), "\(file.path):\(number + 1) has no documentation")
        }
    }

    /// Words in the names of what people bring: their ids, the keys of their instances, members of sets.
    static let ids = ["person", "people", "traveler", "member", "score", "broken", "identit", "profilesby", "instancekey"]
    /// Where all that is looked up belongs to people, and what there is keyed by names of definitions or by ids of
    /// Sojourn's own, which are ASCII.
    static let places = ["Shared/Queues/Round/", "Shared/Engine/Traveler/"]
    static let keyedByNames: Set<String> = ["reads", "runs", "changedGoals", "changedAdmissions", "changedAsides"]

    /// Swift takes two spellings of a letter for one, so that what is looked up by people's ids is keyed by `ExactText`.
    @Test(
        "No dictionary and no set of Queues and Engine is keyed by ids as Swift compares texts",
        arguments: SourceTree.files(".swift", below: "Shared/Queues", "Shared/Engine"))
    func keysByBytes(file: SourceTree.File) {
        for (number, line) in file.lines.enumerated() {
            let code = line.components(separatedBy: "//").first ?? ""
            for match in code.matches(of: #/(\w+): [\[(]*(?:Dictionary<String|\[String ?:|Set<String>)/#) {
                let name = String(match.1)
                let isOfPeople = Self.places.contains(where: file.path.hasPrefix)
                    ? !Self.keyedByNames.contains(name) : Self.ids.contains(where: name.lowercased().contains)
                #expect(!isOfPeople, "\(file.path):\(number + 1) looks \(name) up by texts as Swift compares them")
            }
        }
    }

    @Test("Every script says what it does, its keys, arguments and results", arguments: SourceTree.files(".lua", below: "Shared"))
    func luaHeaders(file: SourceTree.File) {
        let head = file.lines.prefix(while: { $0.hasPrefix("#!") || $0.hasPrefix("--") }).joined(separator: "\n")
        // What several scripts include is no script of its own: it has neither keys nor arguments.
        if head.hasPrefix("-- Fragment: ") {
            #expect(head.contains("Complexity"), "\(file.path) does not say its Complexity")
            return
        }
        #expect(file.lines.first?.hasPrefix("#!lua") == true, "a script begins with #!lua")
        for word in ["KEYS", "ARGV", "Returns", "Complexity"] {
            #expect(head.contains(word), "\(file.path) does not say its \(word)")
        }
    }

    @Test("Nothing waits by sleeping in tests", arguments: SourceTree.files(".swift", below: "Tests"))
    func noSleeps(file: SourceTree.File) {
        // The one place that waits is the helper that waits for a condition with a deadline.
        if file.path.hasPrefix("Tests/TestKit/") || file.path.hasPrefix("Tests/TidyTests/") { return }
        // What makes a load keeps its pace by the clock.
        if file.path.hasPrefix("Tests/Benchmarks/") || file.path.hasPrefix("Tests/FaultTests/Load/") { return }
        for (number, line) in file.lines.enumerated() {
            #expect(!line.contains("Task.sleep") && !line.contains("usleep("), "\(file.path):\(number + 1) sleeps")
        }
    }
}
