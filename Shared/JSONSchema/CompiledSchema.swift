import Models

/// A JSON Schema (2020-12), compiled once into an immutable tree and applied to any number of values.
///
/// The vocabularies core, applicator, unevaluated, validation and format-assertion hold; what else a schema says
/// (`title`, `meta:…`, `xdm:…`) is an annotation. References stay inside the document, the metaschema aside. Numbers
/// count by their exact value: 1.0 is an integer, 19.99 a multiple of 0.01, 2^64 a number like others.
package struct CompiledSchema: Sendable {
    /// The schema as it was given.
    package let document: JSONValue
    let tree: SchemaTree

    /// Compiles an object, true or false; linear in the document, patterns aside (``LinearRegex``).
    package init(_ schema: JSONValue) throws(SchemaError) {
        document = schema
        tree = try SchemaCompiler.tree(of: schema)
    }

    /// Whether the value is valid. It stops at the first problem.
    package func isValid(_ value: JSONValue) -> Bool {
        var check = SchemaCheck(tree: tree, isReporting: false)
        return check.run(value)
    }

    /// Every problem of the value, in its order, at most ``SchemaBounds/problemsMax``; empty where it is valid.
    ///
    /// A path is a JSON pointer into the value, of a missing member too. Messages hold names and sizes, never values,
    /// so they may go to logs and callers.
    package func validate(_ value: JSONValue) -> [Problem] {
        var quick = SchemaCheck(tree: tree, isReporting: false)
        if quick.run(value) { return [] }
        if quick.exhausted != nil { return quick.problems }
        var check = SchemaCheck(tree: tree, isReporting: true)
        return check.run(value) ? [] : check.problems
    }
}
