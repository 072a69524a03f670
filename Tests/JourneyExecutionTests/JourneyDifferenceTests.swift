import Models
import Testing

@testable import JourneyExecution

@Suite("The difference of two versions")
struct JourneyDifferenceTests {
    private static let old: JSONObject = [
        "name": "welcome", "properties": ["timezone": "UTC", "reentrance": ["after": "PT5M"]],
        "nodes": [
            ["id": "in", "type": "event", "event": "placed", "next": "tier"],
            [
                "id": "tier", "type": "condition",
                "paths": [
                    ["label": "gold", "when": "true", "next": "rest"],
                    ["label": "silver", "when": "false", "next": "rest"],
                ],
            ],
            ["id": "rest", "type": "wait", "for": "P1D", "label": "A rest", "position": ["x": 1, "y": 2]],
        ],
    ]

    private func changed(_ edit: (inout [JSONObject], inout JSONObject) -> Void) -> JourneyDifference {
        var document = Self.old
        var nodes = (document["nodes"]?.arrayValue ?? []).compactMap(\.objectValue)
        edit(&nodes, &document)
        document["nodes"] = .array(nodes.map(JSONValue.object))
        return JourneyDifference(from: Self.old, to: document)
    }

    @Test("The same document has none, whatever the order of its members")
    func same() {
        let difference = changed { nodes, _ in
            nodes[2] = JSONObject(nodes[2].map { ($0.key, $0.value) }.reversed())
        }
        #expect(difference.isSame && difference.looks.isEmpty && difference.description == nil)
    }

    @Test("Nodes that came and went are told by their ids, a changed one by its fields")
    func nodes() {
        let difference = changed { nodes, _ in
            nodes[0] = ["id": "start", "type": "event", "event": "placed", "next": "tier"]
            nodes[2]["for"] = "P2D"
            nodes[2]["next"] = "tier"
        }
        #expect(difference.nodes.map(\.id) == ["start", "rest", "in"])
        #expect(difference.nodes.map(\.kind) == [.added, .changed, .removed])
        #expect(
            difference.nodes[1].fields == [
                .init(field: "/for", kind: .changed, old: "P1D", new: "P2D"),
                .init(field: "/next", kind: .added, old: nil, new: "tier"),
            ])
    }

    @Test("A path that stands elsewhere has moved, and is still compared with itself")
    func paths() {
        let difference = changed { nodes, _ in
            nodes[1]["paths"] = [
                ["label": "silver", "when": "1 > 0", "next": "rest"],
                ["label": "bronze", "when": "true", "next": "rest"],
                ["label": "gold", "when": "true", "next": "rest"],
            ]
        }
        let fields = difference.nodes.first?.fields ?? []
        #expect(
            fields.map { "\($0.kind) \($0.field)" } == [
                "moved /paths/0", "changed /paths/0/when", "added /paths/1", "moved /paths/2",
            ])
    }

    @Test("Labels, positions and the description stand apart and change nothing of what is done")
    func looks() {
        let difference = changed { nodes, document in
            nodes[2]["label"] = "Another rest"
            nodes[2]["position"] = ["x": 1, "y": 3]
            document["description"] = "New."
        }
        #expect(difference.isSame)
        #expect(
            difference.looks.map { "\($0.node) \($0.change.kind) \($0.change.field)" } == [
                "rest changed /label", "rest moved /position",
            ])
        #expect(difference.description?.new == "New.")
    }

    @Test("Properties are told one by one")
    func properties() {
        let difference = changed { _, document in
            document["properties"] = ["timezone": "Europe/Paris", "reentrance": ["after": "PT5M", "allowed": false]]
        }
        #expect(difference.properties.map(\.field) == ["/timezone", "/reentrance/allowed"])
        #expect(difference.nodes.isEmpty && !difference.isSame)
    }
}
