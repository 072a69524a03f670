import Crypto
import Foundation
import Models

/// Why a secret cannot be sealed or opened. Never worth a retry; says nothing of the secret.
package struct SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The key file has no usable key.
        case badKeyFile
        /// The text was not sealed here.
        case notSealed
        /// It was sealed with a key that the key file does not hold.
        case unknownKey
        /// It was changed since.
        case tampered
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

/// Seals secrets before they are stored: AES-256-GCM, with a random nonce each time.
///
/// A sealed text is `<key id>.<base64 of nonce, ciphertext and tag>`; the key's id is authenticated with it. The
/// first key of the file seals, all open: to rotate, put a new key on top and write each definition again.
package struct SealedSecrets: Sendable {
    /// Keys in a file: one in use and those that it replaced.
    static let keysMax = 16

    private let keys: [(id: String, key: SymmetricKey)]

    /// - Parameter keyFileText: lines of 32 bytes in base64 or hex; blank lines and those that begin with `#`
    ///   are left out.
    package init(keyFileText: String) throws(SecretError) {
        var keys: [(id: String, key: SymmetricKey)] = []
        for line in keyFileText.split(whereSeparator: \.isNewline) {
            let text = line.filter { !$0.isWhitespace }
            if text.isEmpty || text.hasPrefix("#") { continue }
            guard let bytes = Self.bytes(text), bytes.count == 32 else {
                throw SecretError(code: .badKeyFile, message: "A key must be 32 bytes in base64 or hex.")
            }
            let id = Hex.text(Array(SHA256.hash(data: bytes).prefix(4)))
            keys.append((id, SymmetricKey(data: bytes)))
        }
        guard !keys.isEmpty, keys.count <= Self.keysMax else {
            throw SecretError(code: .badKeyFile, message: "There must be 1 to \(Self.keysMax) keys, one a line.")
        }
        self.keys = keys
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        if text.utf8.count == 64, let bytes = Hex.bytes(text) { return bytes }
        return Data(base64Encoded: text).map { Array($0) }
    }

    package func seal(_ text: String) throws(SecretError) -> String {
        let (id, key) = keys[0]
        do {
            let box = try AES.GCM.seal(Array(text.utf8), using: key, authenticating: Array(id.utf8))
            guard let combined = box.combined else { throw SecretError(code: .notSealed, message: "Sealing failed.") }
            return "\(id).\(combined.base64EncodedString())"
        } catch { throw SecretError(code: .notSealed, message: "Sealing failed.") }
    }

    package func open(_ sealed: String) throws(SecretError) -> String {
        let parts = sealed.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let combined = Data(base64Encoded: String(parts[1])) else {
            throw SecretError(code: .notSealed, message: "This was not sealed here.")
        }
        guard let (id, key) = keys.first(where: { $0.id == parts[0] }) else {
            throw SecretError(code: .unknownKey, message: "This was sealed with a key that the key file lacks.")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: combined)
            let bytes = try AES.GCM.open(box, using: key, authenticating: Array(id.utf8))
            if let text = String(validating: bytes, as: UTF8.self) { return text }
        } catch {}
        throw SecretError(code: .tampered, message: "This was changed since it was sealed.")
    }

    /// `{"sealed": "…"}` of any value.
    package func sealed(_ value: JSONValue) throws(SecretError) -> JSONObject {
        ["sealed": .string(try seal(value.text))]
    }

    /// The value of what ``sealed(_:)`` made.
    package func opened(_ object: JSONObject) throws(SecretError) -> JSONValue {
        guard let text = object["sealed"]?.stringValue else {
            throw SecretError(code: .notSealed, message: "This was not sealed here.")
        }
        do { return try JSONValue.parse(try open(text)) } catch let error as SecretError { throw error } catch {
            throw SecretError(code: .notSealed, message: "This was not sealed as a value.")
        }
    }
}

/// Bytes as lowercase hex.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        let digits = Array("0123456789abcdef".utf8)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8 {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }
}
