/// A configuration document: named, with a revision that grows by every write.
package protocol Definition: Sendable {
    /// The kind's word in `{sj:config}:<kind>` and in method names: `events`, `dataSources`, ….
    static var kind: String { get }
    /// Reads a document as a user writes it or the store keeps it; all its problems are thrown at once.
    init(_ document: JSONObject) throws(InvalidDocument)
    var name: String { get }
    /// Grows by every write of this document; 0 before the first.
    var revision: Int64 { get }
    /// The document as it is stored, secrets sealed.
    var document: JSONObject { get }
}
