import Foundation
import JSONRPC
import JWTKit
import Models
import Synchronization

/// Which tokens (JWT) are taken.
struct TokenRules: Sendable {
    /// Signature keys by algorithm; a token of any other algorithm is refused before its signature is looked at.
    var hs256Secret: [UInt8]?
    var es256PublicKeyPEM: String?
    var edDSAPublicKeyPEM: String?
    var issuer: String
    var audience: String

    var isEmpty: Bool { hs256Secret == nil && es256PublicKeyPEM == nil && edDSAPublicKeyPEM == nil }
}

/// Verifies tokens: algorithm pinned, issuer and audience as set, expiry required.
///
/// Tokens that were good are remembered for a minute at most, since a signature costs more than a whole event.
final class TokenVerifier: Sendable {
    static let tokenBytesMax = 8_192
    static let rememberedMax = 10_000
    static let rememberedFor: Duration = .seconds(60)
    /// Clocks may differ by so much.
    static let leewaySeconds: Double = 30

    private struct Remembered {
        let principal: Principal
        let until: ContinuousClock.Instant
    }

    private let keys: [String: JWTKeyCollection]
    private let rules: TokenRules
    private let nowSeconds: @Sendable () -> Double
    private let remembered = Mutex<[[UInt8]: Remembered]>([:])

    /// - Parameter nowSeconds: since 1970.
    init(_ rules: TokenRules, nowSeconds: @escaping @Sendable () -> Double) async throws(SettingsError) {
        self.rules = rules
        self.nowSeconds = nowSeconds
        var keys: [String: JWTKeyCollection] = [:]
        if let secret = rules.hs256Secret {
            guard secret.count >= 32 else { throw SettingsError("The HS256 secret must have at least 32 bytes.") }
            keys["HS256"] = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        }
        if let pem = rules.es256PublicKeyPEM {
            do { keys["ES256"] = await JWTKeyCollection().add(ecdsa: try ES256PublicKey(pem: pem)) } catch {
                throw SettingsError("The ES256 key file holds no P-256 public key in PEM.")
            }
        }
        if let pem = rules.edDSAPublicKeyPEM {
            do { keys["EdDSA"] = await JWTKeyCollection().add(eddsa: try EdDSA.PublicKey(pem: pem)) } catch {
                throw SettingsError("The EdDSA key file holds no Ed25519 public key in PEM.")
            }
        }
        self.keys = keys
    }

    /// Whose token this is; nil unless everything about it is right.
    func principal(of token: Substring) async -> Principal? {
        guard token.utf8.count <= Self.tokenBytesMax else { return nil }
        let digest = APIKey.digest(of: token)
        let now = ContinuousClock.now
        if let known = remembered.withLock({ $0[digest] }), known.until > now { return known.principal }
        guard let algorithm = Self.algorithm(of: token), let keys = keys[algorithm],
            let claims = try? await keys.verify(String(token), as: TokenClaims.self),
            let (principal, secondsLeft) = accepted(claims)
        else { return nil }
        remember(digest, principal, until: now + min(Self.rememberedFor, .seconds(secondsLeft)), at: now)
        return principal
    }

    /// The `alg` of the header as it stands, before anything is believed.
    static func algorithm(of token: Substring) -> String? {
        guard let header = token.split(separator: ".", omittingEmptySubsequences: false).first,
            let bytes = base64URL(header), let json = try? JSONValue.parse(bytes)
        else { return nil }
        return json["alg"]?.stringValue
    }

    private static func base64URL(_ text: Substring) -> [UInt8]? {
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        while base64.utf8.count % 4 != 0 { base64.append("=") }
        return Data(base64Encoded: String(base64)).map { Array($0) }
    }

    private func accepted(_ claims: TokenClaims) -> (Principal, secondsLeft: Double)? {
        let now = nowSeconds()
        guard claims.iss == rules.issuer, claims.audiences.contains(rules.audience) else { return nil }
        guard let expiry = claims.exp, expiry + Self.leewaySeconds > now else { return nil }
        if let start = claims.nbf, start - Self.leewaySeconds > now { return nil }
        guard let subject = claims.sub, !subject.isEmpty, subject.utf8.count <= 256 else { return nil }
        return (Principal(name: subject, scopes: claims.scopes), expiry + Self.leewaySeconds - now)
    }

    private func remember(
        _ digest: [UInt8], _ principal: Principal, until: ContinuousClock.Instant, at now: ContinuousClock.Instant
    ) {
        remembered.withLock { remembered in
            if remembered.count >= Self.rememberedMax { remembered = remembered.filter { $0.value.until > now } }
            if remembered.count < Self.rememberedMax {
                remembered[digest] = Remembered(principal: principal, until: until)
            }
        }
    }
}

/// The claims that Sojourn reads. Scopes stand in `scope`, separated by blanks (RFC 8693), or in the list `scopes`.
struct TokenClaims: JWTPayload {
    let iss: String?
    let sub: String?
    let aud: Audience?
    let exp: Double?
    let nbf: Double?
    let scope: String?
    let scopeList: [String]?

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, nbf, scope
        case scopeList = "scopes"
    }

    /// One audience or several.
    enum Audience: Codable {
        case one(String)
        case several([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                self = .one(one)
            } else {
                self = .several(try container.decode([String].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let name): try container.encode(name)
            case .several(let names): try container.encode(names)
            }
        }
    }

    var audiences: [String] {
        switch aud {
        case nil: []
        case .one(let name): [name]
        case .several(let names): names
        }
    }

    var scopes: Set<Scope> {
        let words = (scope ?? "").split(separator: " ").map(String.init) + (scopeList ?? [])
        return Set(words.compactMap(Scope.init))
    }

    /// The signature is all that is checked here: the verifier holds the claims against its rules and its clock.
    func verify(using algorithm: some JWTAlgorithm) throws {}
}
