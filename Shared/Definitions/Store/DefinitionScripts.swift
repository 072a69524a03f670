import Redis

/// The scripts of this module, loaded into Redis when first needed.
enum DefinitionScripts {
    static let write = script("writeDefinition", PackageResources.writeDefinition_lua)
    static let delete = script("deleteDefinition", PackageResources.deleteDefinition_lua)
    static let noteAnnounced = script("noteAnnounced", PackageResources.noteAnnounced_lua)

    private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: String(decoding: source, as: UTF8.self))
    }
}
