import Models
import Testing

@testable import ServiceKit

@Suite struct SealedSecretsTests {
    static let first = String(repeating: "0a", count: 32)
    static let second = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    @Test("What is sealed opens again, and looks different each time", arguments: ["", "secret", "ü𝄞\u{0}"])
    func roundTrip(_ text: String) throws {
        let secrets = try SealedSecrets(keyFileText: Self.first)
        let one = try secrets.seal(text), other = try secrets.seal(text)
        #expect(one != other)
        #expect(try secrets.open(one) == text && secrets.open(other) == text)
        #expect(text.isEmpty || !one.contains(text))
    }

    @Test("Any value can be sealed into an object")
    func values() throws {
        let secrets = try SealedSecrets(keyFileText: Self.first)
        let object = try secrets.sealed(["user": "a", "password": "b", "n": 12_345_678_901_234])
        #expect(object.count == 1 && object["sealed"]?.stringValue != nil)
        #expect(try secrets.opened(object) == ["user": "a", "password": "b", "n": 12_345_678_901_234])
    }

    @Test("A change of any character is noticed")
    func tampering() throws {
        let secrets = try SealedSecrets(keyFileText: Self.first)
        let sealed = Array(try secrets.seal("the secret"))
        for place in sealed.indices where sealed[place] != "." && sealed[place] != "=" {
            var changed = sealed
            changed[place] = sealed[place] == "b" ? "c" : "b"
            // The last letter of base64 may hold bits that mean nothing.
            if (try? secrets.open(String(changed))) == "the secret" {
                #expect(place >= sealed.count - 4)
                continue
            }
            #expect(throws: SecretError.self) { try secrets.open(String(changed)) }
        }
    }

    @Test("After a rotation the old key opens and the new one seals")
    func rotation() throws {
        let old = try SealedSecrets(keyFileText: Self.first)
        let sealed = try old.seal("x")
        let rotated = try SealedSecrets(keyFileText: "# new\n\(Self.second)\n\n\(Self.first)\n")
        #expect(try rotated.open(sealed) == "x")
        #expect(throws: SecretError.self) { try old.open(try rotated.seal("y")) }
        let error = #expect(throws: SecretError.self) { try SealedSecrets(keyFileText: Self.second).open(sealed) }
        #expect(error?.code == .unknownKey)
    }

    @Test("A key file without a key of 32 bytes is refused", arguments: ["", "# only a comment", "abcd", "AAAA", "zz"])
    func keyFiles(_ text: String) {
        let error = #expect(throws: SecretError.self) { try SealedSecrets(keyFileText: text) }
        #expect(error?.code == .badKeyFile)
    }

    @Test("What was never sealed is refused", arguments: ["", "plain", "a.b", "0a0a0a0a."])
    func neverSealed(_ text: String) throws {
        let secrets = try SealedSecrets(keyFileText: Self.first)
        #expect(throws: SecretError.self) { try secrets.open(text) }
    }
}
