import Glibc
import JSONRPC
import Logging
import Queues
import Redis

/// What is made from the settings before anything runs; whatever is wrong with them is said here.
struct ServiceParts: Sendable {
    let redis: RedisClient?
    let keys: QueueKeys
    let secrets: SealedSecrets?
    let apiKeys: KeyTable
    let authenticator: ServiceAuthenticator

    init(_ settings: Settings, usesRedis: Bool, logger: Logger) async throws(SettingsError) {
        let adminKey = try Self.fileText(settings, CommonSettings.adminKeyFile)
        if let adminKey, !adminKey.hasPrefix(APIKey.prefix) || adminKey.utf8.count < 19 {
            throw SettingsError("The admin key must begin with \(APIKey.prefix) and have 16 more characters at least.")
        }
        let rules = try Self.tokenRules(settings)
        let host = settings[CommonSettings.host]
        guard Self.isLoopback(host) || adminKey != nil || rules != nil else {
            throw SettingsError(
                "Listening on \(host) lets others in and needs credentials: set --admin-key-file or a JWT key."
            )
        }
        apiKeys = KeyTable(adminKey: adminKey)
        var tokens: TokenVerifier?
        if let rules {
            tokens = try await TokenVerifier(rules) { Double(WallTime.milliseconds()) / 1_000 }
        }
        authenticator = ServiceAuthenticator(keys: apiKeys, tokens: tokens)
        keys = QueueKeys(prefix: usesRedis ? settings[CommonSettings.keyPrefix] : "sj")
        redis = usesRedis ? try Self.redis(settings, logger: logger) : nil
        secrets = usesRedis ? try Self.secrets(settings) : nil
    }

    private static func fileText(_ settings: Settings, _ setting: Setting<String?>) throws(SettingsError) -> String? {
        guard let path = settings[setting] else { return nil }
        do throws(FileProblem) {
            let text = try SmallFile.text(path)
            if text.isEmpty { throw FileProblem(reason: "it is empty") }
            return text
        } catch {
            throw SettingsError("The file of --\(setting.key) cannot be used: \(error.reason).")
        }
    }

    private static func tokenRules(_ settings: Settings) throws(SettingsError) -> TokenRules? {
        var rules = TokenRules(issuer: "", audience: "")
        rules.hs256Secret = try fileText(settings, CommonSettings.jwtSecretFile).map { Array($0.utf8) }
        rules.es256PublicKeyPEM = try fileText(settings, CommonSettings.jwtES256KeyFile)
        rules.edDSAPublicKeyPEM = try fileText(settings, CommonSettings.jwtEdDSAKeyFile)
        if rules.isEmpty { return nil }
        guard let issuer = settings[CommonSettings.jwtIssuer], let audience = settings[CommonSettings.jwtAudience]
        else {
            throw SettingsError("A JWT key needs --jwt-issuer and --jwt-audience.")
        }
        rules.issuer = issuer
        rules.audience = audience
        return rules
    }

    private static func secrets(_ settings: Settings) throws(SettingsError) -> SealedSecrets? {
        guard let text = try fileText(settings, CommonSettings.masterKeyFile) else { return nil }
        do throws(SecretError) { return try SealedSecrets(keyFileText: text) } catch {
            throw SettingsError("The file of --master-key-file cannot be used: \(error.message)")
        }
    }

    private static func redis(_ settings: Settings, logger: Logger) throws(SettingsError) -> RedisClient {
        var url = settings[CommonSettings.redisURL]
        let user = settings[CommonSettings.redisUser]
        if let password = try fileText(settings, CommonSettings.redisPasswordFile) {
            guard let scheme = url.firstRange(of: "://"), !url.contains("@") else {
                throw SettingsError("The password for Redis stands in --redis-url or in a file, not in both.")
            }
            url.insert(contentsOf: "\(encoded(user ?? "")):\(encoded(password))@", at: scheme.upperBound)
        } else if user != nil {
            throw SettingsError("The user for Redis needs --redis-password-file.")
        }
        do throws(RedisError) {
            var configuration = RedisConfiguration(try RedisAddress(url))
            configuration.keyPrefix = settings[CommonSettings.keyPrefix]
            configuration.connections = settings[CommonSettings.redisConnections]
            return try RedisClient(configuration, logger: logger)
        } catch { throw SettingsError(error.message) }
    }

    /// Percent-encoded, all but letters and digits.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            return byte < 128 && (character.isLetter || character.isNumber) ? String(character) : "%" + Hex.text([byte])
        }.joined()
    }

    /// Whether only this machine can reach the address.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
    }
}
