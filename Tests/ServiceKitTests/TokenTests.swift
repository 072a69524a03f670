import Crypto
import Foundation
import JSONRPC
import JWTKit
import Models
import Testing

@testable import ServiceKit

@Suite struct TokenTests {
    static let secret = Array(String(repeating: "s", count: 32).utf8)
    static let now: Double = 1_800_000_000

    struct Claims: JWTPayload {
        var iss: String? = "https://issuer.example"
        var sub: String? = "ada"
        var aud: [String]? = ["other", "sojourn"]
        var exp: Double? = TokenTests.now + 600
        var nbf: Double?
        var scope: String? = "read design"
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    static func rules() -> TokenRules {
        TokenRules(hs256Secret: secret, issuer: "https://issuer.example", audience: "sojourn")
    }

    func verifier(_ rules: TokenRules = TokenTests.rules()) async throws -> TokenVerifier {
        try await TokenVerifier(rules) { TokenTests.now }
    }

    func hs256(_ claims: Claims, secret: [UInt8] = TokenTests.secret) async throws -> Substring {
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return Substring(try await keys.sign(claims))
    }

    @Test("A good token names its subject and scopes, again from memory")
    func good() async throws {
        let verifier = try await verifier()
        let token = try await hs256(Claims())
        for _ in 0..<2 {
            let principal = await verifier.principal(of: token)
            #expect(principal == Principal(name: "ada", scopes: [.read, .design]))
        }
    }

    @Test("ES256 and EdDSA are taken where their public keys are set")
    func otherAlgorithms() async throws {
        let p256 = ES256PrivateKey(), ed25519 = try EdDSA.PrivateKey()
        var rules = Self.rules()
        rules.hs256Secret = nil
        rules.es256PublicKeyPEM = p256.publicKey.pemRepresentation
        rules.edDSAPublicKeyPEM = ed25519.publicKey.pemRepresentation
        let verifier = try await verifier(rules)
        let es256 = try await JWTKeyCollection().add(ecdsa: p256).sign(Claims())
        let edDSA = try await JWTKeyCollection().add(eddsa: ed25519).sign(Claims())
        #expect(await verifier.principal(of: Substring(es256))?.name == "ada")
        #expect(await verifier.principal(of: Substring(edDSA))?.name == "ada")
        #expect(await verifier.principal(of: try hs256(Claims())) == nil)
        let foreign = try await JWTKeyCollection().add(ecdsa: ES256PrivateKey()).sign(Claims())
        #expect(await verifier.principal(of: Substring(foreign)) == nil)
    }

    static let refusals: [(String, @Sendable (inout Claims) -> Void)] = [
        ("another issuer", { $0.iss = "https://evil.example" }), ("no issuer", { $0.iss = nil }),
        ("another audience", { $0.aud = ["other"] }), ("no audience", { $0.aud = nil }),
        ("expired", { $0.exp = TokenTests.now - 31 }), ("no expiry", { $0.exp = nil }),
        ("not yet valid", { $0.nbf = TokenTests.now + 31 }), ("no subject", { $0.sub = nil }),
        ("an empty subject", { $0.sub = "" }),
    ]

    @Test("A token is refused when a claim is wrong", arguments: refusals.indices)
    func claims(_ place: Int) async throws {
        let (what, change) = Self.refusals[place]
        var claims = Claims()
        change(&claims)
        #expect(await (try verifier()).principal(of: try hs256(claims)) == nil, "\(what)")
    }

    @Test("Without scopes a token may do nothing")
    func noScopes() async throws {
        var claims = Claims()
        claims.scope = "everything root"
        #expect(await (try verifier()).principal(of: try hs256(claims))?.scopes == [])
    }

    func unsigned(_ header: String, _ claims: String, signature: String = "") -> Substring {
        func base64(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-").replacing(
                "/", with: "_")
        }
        return "\(base64(header)).\(base64(claims)).\(signature)"
    }

    @Test(
        "The algorithm none and all that are not set are refused",
        arguments: ["none", "None", "HS384", "RS256", "", "hs256"])
    func algorithms(_ algorithm: String) async throws {
        let expiry = Int(Self.now) + 600
        let claims =
            #"{"iss":"https://issuer.example","sub":"ada","aud":"sojourn","exp":\#(expiry),"scope":"admin"}"#
        let verifier = try await verifier()
        #expect(await verifier.principal(of: unsigned(#"{"alg":"\#(algorithm)"}"#, claims)) == nil)
        let parts = try await hs256(Claims()).split(separator: ".")
        let borrowed = unsigned(#"{"alg":"\#(algorithm)","typ":"JWT"}"#, claims, signature: String(parts[2]))
        #expect(await verifier.principal(of: borrowed) == nil)
    }

    @Test("A public key cannot be used as the secret of HS256")
    func confusion() async throws {
        let key = ES256PrivateKey()
        var rules = Self.rules()
        rules.hs256Secret = nil
        rules.es256PublicKeyPEM = key.publicKey.pemRepresentation
        let forged = try await hs256(Claims(), secret: Array(key.publicKey.pemRepresentation.utf8))
        #expect(await (try verifier(rules)).principal(of: forged) == nil)
    }

    @Test("Changed, cut and oversized tokens are refused")
    func broken() async throws {
        let verifier = try await verifier()
        let token = try await hs256(Claims())
        let parts = token.split(separator: ".").map(String.init)
        let wrong = try await hs256(Claims(), secret: Array(String(repeating: "x", count: 32).utf8))
        for bad in [
            "", ".", "..", "a.b.c", parts[0], "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).",
            "\(parts[0])..\(parts[2])", String(wrong), String(repeating: "a", count: 9_000),
        ] {
            #expect(await verifier.principal(of: Substring(bad)) == nil)
        }
    }

    @Test("A short secret stops the start")
    func shortSecret() async {
        var rules = Self.rules()
        rules.hs256Secret = Array("short".utf8)
        await #expect(throws: SettingsError.self) { _ = try await TokenVerifier(rules) { 0 } }
        rules.hs256Secret = nil
        rules.es256PublicKeyPEM = "no key"
        await #expect(throws: SettingsError.self) { _ = try await TokenVerifier(rules) { 0 } }
    }
}
