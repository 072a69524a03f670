/// Expressions as text.
package enum Expression {
    /// Parses, checks and compiles an expression. The same text in the same scope gives the same result.
    package static func compile(
        _ text: String, in scope: ExpressionScope
    ) throws(ExpressionError) -> CompiledExpression {
        let syntax = try Parser.parse(text)
        var compiler = Compiler(text, scope)
        return try compiler.expression(syntax, text)
    }
}

/// An expression that was checked and is ready to be evaluated, any number of times and on any thread.
package struct CompiledExpression: Sendable {
    package let text: String
    package let type: ValueType
    package let warnings: [ExpressionWarning]
    package let references: References
    /// The value where it depends on nothing.
    package let constant: Value?
    /// Whether no values make a condition true, as far as its text and the schemas tell.
    package let isNeverTrue: Bool
    /// If one of these does not hold, the expression is not true (it is false, null or an error).
    package let requiredEqualities: [RequiredEquality]
    let root: any Node

    /// The value with these facts. Does no I/O and ends after 100,000 steps at the latest.
    package func evaluate(in context: some EvaluationContext) throws(EvaluationFailure) -> Value {
        if let constant { return constant }
        var run = Run(context: context)
        let value: Value?
        do {
            value = try root.evaluate(&run)
        } catch {
            throw .error(located(error))
        }
        if let value { return value }
        throw .needsLookups(run.requests)
    }

    func located(_ fault: Fault) -> EvaluationError {
        let position = TextPosition(of: fault.span, in: Array(text.utf8))
        return EvaluationError(
            code: fault.code, message: fault.message, line: position.line, column: position.column,
            length: position.length, text: position.piece)
    }
}
