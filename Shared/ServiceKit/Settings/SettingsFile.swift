import Configuration
import Glibc

/// The one file that settings may come from: a JSON or YAML object whose members are named like the options.
struct SettingsFile: Sendable {
    /// A file of settings is some lines; anything larger was named by mistake.
    static let bytesMax = 1_024 * 1_024

    let path: String
    private let snapshot: any ConfigSnapshot

    init(path: String, bytes: [UInt8]) throws(SettingsError) {
        self.path = path
        do {
            if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
                snapshot = try YAMLSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: .default)
            } else {
                snapshot = try JSONSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: .default)
            }
        } catch {
            throw SettingsError("The file \(path) is not the JSON or YAML object that settings are written in.")
        }
    }

    /// The value, whatever its type, as words.
    func words(_ key: String) -> [String]? {
        let key = AbsoluteConfigKey([key])
        for type in [ConfigType.string, .int, .double, .bool, .stringArray] {
            guard let found = try? snapshot.value(forKey: key, type: type).value else { continue }
            switch found.content {
            case .string(let text): return [text]
            case .int(let number): return [String(number)]
            case .double(let number): return [number.description]
            case .bool(let value): return [value ? "true" : "false"]
            case .stringArray(let texts): return texts
            default: continue
            }
        }
        return nil
    }

    static func bytes(_ path: String) throws(SettingsError) -> [UInt8] {
        do throws(FileProblem) { return try SmallFile.bytes(path, bytesMax: bytesMax) } catch {
            throw SettingsError("The file \(path) cannot be read: \(error.reason).")
        }
    }
}

/// Why a file could not be read, as the end of a sentence.
struct FileProblem: Error {
    let reason: String
}

/// Files that are read whole once at the start.
enum SmallFile {
    static func bytes(_ path: String, bytesMax: Int) throws(FileProblem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileProblem(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 { throw FileProblem(reason: String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > bytesMax { throw FileProblem(reason: "it is larger than \(bytesMax) bytes") }
        }
    }

    /// The text without blank space around it.
    static func text(_ path: String, bytesMax: Int = 65_536) throws(FileProblem) -> String {
        guard let text = String(validating: try bytes(path, bytesMax: bytesMax), as: UTF8.self) else {
            throw FileProblem(reason: "it is not UTF-8")
        }
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
