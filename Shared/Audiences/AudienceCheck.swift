import Expressions
import Models

/// Finds what is wrong with the rule of an audience before it is stored.
package struct AudienceCheck: Sendable {
    /// Audiences that one may name, through others too.
    package static let namedMax = 100

    private let definition: AudienceDefinition
    private let profile: Shape

    /// - Parameter profile: `Shape(profileSchemas:)`.
    package init(_ definition: AudienceDefinition, profile: Shape) {
        self.definition = definition
        self.profile = profile
    }

    /// The problems, each at `/rule`.
    ///
    /// - Parameter other: the stored audience of a name; nil where there is none.
    package func problems<Failure: Error>(
        _ other: (String) async throws(Failure) -> AudienceDefinition?
    ) async throws(Failure) -> [Problem] {
        let rule: AudienceRule
        do throws(ExpressionError) { rule = try AudienceRule(definition, profile: profile) } catch {
            return [Self.problem(error.description)]
        }
        if rule.expression.references.usesRandom {
            return [Self.problem("uses a random function; who is a member may depend on the profile and the time only")]
        }
        var named = [definition.name: rule.named]
        var open = rule.named
        while let name = open.popLast() {
            if named[name] != nil { continue }
            if named.count > Self.namedMax {
                return [Self.problem("names more than \(Self.namedMax) audiences, through others too")]
            }
            guard let found = try await other(name) else {
                return [Self.problem("there is no audience \(name); create it first")]
            }
            // One that does not compile has been said to be unusable already: it names nothing then.
            named[name] = (try? AudienceRule(found, profile: profile))?.named ?? []
            open += named[name] ?? []
        }
        if let circle = AudienceRules.circle(from: definition.name, named: { named[$0] ?? [] }) {
            return [Self.problem("goes round in a circle: \(circle.joined(separator: ", "))")]
        }
        return []
    }

    private static func problem(_ message: String) -> Problem { Problem(path: "/rule", message: message) }
}
