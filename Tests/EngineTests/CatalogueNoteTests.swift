import Engine
import Models
import Testing

@Suite("What definitions say of themselves")
struct CatalogueNoteTests {
    static let catalogue: Catalogue = {
        let document = Configuration.document
        do {
            return Catalogue(
                schemas: [
                    try SchemaDefinition(
                        document(
                            """
                            {"name": "order", "kind": "event", "schema": {"type": "object", "properties": {
                              "total": {"type": "number", "description": "With tax."},
                              "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
                              "loop": {"$ref": "#/$defs/loop"}},
                              "$defs": {"line": {"allOf": [{"properties": {"sku": {"type": "string", "title": "Article"}}}]},
                                "loop": {"$ref": "#/$defs/loop"}}}}
                            """))
                ],
                events: [
                    try EventDefinition(
                        document(
                            """
                            {"name": "placed", "schema": "order", "type": "rule", "rule": "true", "namespace": "crmId",
                             "key": "'1'", "description": "Somebody ordered."}
                            """))
                ], dataSources: [],
                actions: [
                    try ActionDefinition(
                        document(
                            """
                            {"name": "ping", "method": "GET", "url": "https://ping.example/", "description": "Asks."}
                            """))
                ])
        } catch { preconditionFailure("\(error)") }
    }()

    @Test(
        "A note is that of the schema, through lists and references, or of the definition",
        arguments: [
            (["event", "placed"], "Somebody ordered."), (["event", "placed", "total"], "With tax."),
            (["event", "placed", "lines", "sku"], "Article"), (["event", "placed", "lines"], nil),
            (["event", "placed", "loop", "x"], nil), (["event", "other"], nil), (["action", "ping"], "Asks."),
            (["action", "ping", "id"], nil), (["profile", "tier"], nil), (["source", "none"], nil), ([], nil),
        ] as [([String], String?)])
    func notes(path: [String], note: String?) {
        #expect(Self.catalogue.note(path) == note)
    }
}
