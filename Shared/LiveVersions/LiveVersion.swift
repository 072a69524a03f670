import Definitions
import Engine
import Models

/// A published version that people enter or may be inside.
package struct LiveVersion: Sendable {
    package let journey: String
    package let number: Int64
    /// `live` or `closed`.
    package let state: String
    let uses: JourneyUses
    private let object: JSONObject

    /// Read anew each time: most versions are asked for what they use alone.
    package var document: JourneyDocument { JourneyDocument(object) }

    /// Those of a journey's record.
    package static func all(in record: JSONObject) -> [LiveVersion] {
        (record["versions"]?.arrayValue ?? []).compactMap { version in
            guard let state = version["state"]?.stringValue, state == "live" || state == "closed",
                let number = version["version"]?.integerValue, let document = version["document"]?.objectValue
            else { return nil }
            let uses = version["uses"].flatMap { $0.isNull ? nil : JourneyUses(json: $0) }
            return LiveVersion(
                journey: record["name"]?.stringValue ?? "", number: number, state: state,
                uses: uses ?? JourneyDocument(document).uses, object: document)
        }
    }

    /// What other journeys must know of a record: of its newest version, or of its draft where there is none.
    package static func facts(of record: JSONObject) -> JourneyFacts? {
        let versions = record["versions"]?.arrayValue ?? []
        guard let document = versions.last?["document"]?.objectValue ?? record["draft"]?.objectValue else { return nil }
        return JourneyFacts(JourneyDocument(document), isLive: versions.contains { $0["state"] == "live" })
    }

    /// Where it is said that it uses something.
    package var use: DefinitionUse {
        DefinitionUse(kind: "journeys", name: journey, version: number, state: state)
    }

    /// Whether an expression reads the person's kept events: of one definition, or of all.
    var readsKeptEvents: Bool {
        let document = document
        let texts = document.nodes.flatMap(\.expressions) + [document.properties.goal?.filter ?? ""]
        return texts.contains { $0.contains("ExperienceEventFieldGroup") }
    }
}
