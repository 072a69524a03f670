import Expressions
import Models

/// The rule of one audience, compiled.
package struct AudienceRule: Sendable {
    package let audience: String
    /// Grows by every change of the rule or of one that it names by `inAudience`: what the set of its members is
    /// kept under.
    package internal(set) var revision: Int64
    /// Whether the answer changes with time alone.
    package internal(set) var usesNow: Bool
    /// Whether those who enter or leave by an evaluation are told.
    package let announce: Bool
    /// What it reads of the profile, by itself and by the audiences that it names; an empty path is all of it.
    package internal(set) var paths: [[String]]
    let expression: CompiledExpression

    /// Compiles a rule on its own: the audiences that it names may be missing, and name it in turn.
    init(_ definition: AudienceDefinition, profile: Shape) throws(ExpressionError) {
        var scope = ExpressionScope()
        scope.profile = profile
        scope.expects = .boolean
        scope.barePathsAreProfile = true
        audience = definition.name
        revision = definition.ruleRevision
        announce = definition.announce
        expression = try Expression.compile(definition.rule, in: scope)
        usesNow = expression.references.usesNow
        paths = expression.references.profilePaths
    }

    /// The audiences that the rule itself names.
    var named: [String] { expression.references.audiences }

    /// Whether the rule itself asks for members of that audience.
    package func names(_ audience: String) -> Bool { named.contains(audience) }
}
