import Models
import Testing

@testable import JSONSchema

@Suite(
    "The public test suite of JSON Schema",
    .enabled(if: PublicSuite.isThere, "the package json-schema-test-suite is not installed"))
struct PublicSuiteTests {
    private static let remote = "schemas are never loaded from elsewhere: the refusal when compiling is tested by itself"
    private static let asserted = "formats are asserted here, where the suite has them as annotations"
    private static let dialects = "only the standard dialect of 2020-12 is known: another $schema is refused"

    static let requiredExclusions = [
        Exclusion("refRemote.json", nil, remote),
        Exclusion("vocabulary.json", "custom metaschema", dialects),
        Exclusion("vocabulary.json", "ignore unrecognized optional vocabulary", dialects),
        Exclusion("dynamicRef.json", "strict-tree schema, guards against misspelled properties", remote),
        Exclusion("dynamicRef.json", "tests for implementation dynamic anchor and reference link", remote),
        Exclusion("dynamicRef.json", "$ref and $dynamicAnchor are independent of order", remote),
        Exclusion("dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor", remote),
        Exclusion("format.json", "is only an annotation by default", asserted),
    ]

    private static let idna = "the tables of IDNA are not there: a label that begins with xn-- is held as any other"

    static let optionalExclusions = [
        Exclusion("optional/format/idn-hostname.json", nil, "not asserted: it needs the tables of IDNA"),
        Exclusion("optional/format/hostname.json", "validation of A-label (punycode) host names", idna),
        Exclusion("optional/format-assertion.json", nil, dialects),
        Exclusion("optional/cross-draft.json", nil, dialects),
        Exclusion("optional/dependencies-compatibility.json", nil, "not in 2020-12: dependentRequired and dependentSchemas are"),
        Exclusion("optional/content.json", nil, "contentEncoding and contentMediaType are annotations in 2020-12"),
    ]

    @Test("Every required case holds but the excluded ones", arguments: PublicSuite.required)
    func required(file: String) throws {
        let result = try PublicSuite.run(file, Self.requiredExclusions)
        #expect(result.failures.isEmpty, "\(file): \(result.failures.joined(separator: "\n"))")
    }

    @Test("Every optional case and every case of a format holds but the excluded ones", arguments: PublicSuite.optional)
    func optional(file: String) throws {
        let result = try PublicSuite.run(file, Self.optionalExclusions)
        #expect(result.failures.isEmpty, "\(file): \(result.failures.joined(separator: "\n"))")
    }

    @Test("The suite that was found has the cases that it is known for")
    func size() throws {
        var sum = PublicSuite.Result()
        for file in PublicSuite.required {
            let result = try PublicSuite.run(file, Self.requiredExclusions)
            sum.passed += result.passed
            sum.excluded += result.excluded
        }
        // An empty or cut folder would pass all the above.
        #expect(sum.passed > 350 && sum.excluded < 100, "\(sum.passed) held, \(sum.excluded) excluded")
    }
}
