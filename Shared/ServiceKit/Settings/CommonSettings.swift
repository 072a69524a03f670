/// The settings that every service has.
package enum CommonSettings {
    package static let config = Setting.optionalText(
        "config", name: "FILE", "A JSON or YAML file of settings, named like the options.")
    package static let host = Setting.text(
        "host", name: "ADDRESS", default: "127.0.0.1",
        "Where to listen. Another address than this machine's own needs credentials set: an admin key or a JWT key.")
    package static let redisURL = Setting.text(
        "redis-url", name: "URL", default: "redis://127.0.0.1:6379",
        "Where Redis is: redis://host:port/database or unix:///path.")
    package static let redisUser = Setting.optionalText(
        "redis-user", name: "NAME", "The user of Redis' access list; without it Redis' default user.")
    package static let redisPasswordFile = Setting.optionalText(
        "redis-password-file", name: "FILE", "A file that holds the password for Redis.")
    package static let redisConnections = Setting.integer(
        "redis-connections", in: 1...64, unit: "connections", default: 1,
        "Connections to Redis for commands. One is best on one machine: all that waits travels together.")
    package static let keyPrefix = Setting.text(
        "key-prefix", default: "sj",
        "What every key in Redis begins with; deployments with different ones can share a Redis.")
    package static let partitions = Setting.optionalInteger(
        "partitions", in: 1...16_384, unit: "number",
        "Partitions of the deployment: 16 unless set before the first start, which fixes it for good.")
    package static let logLevel = Setting.choice(
        "log-level", default: LogLevel.notice, "The least important messages to write.")
    package static let logFormat = Setting.choice(
        "log-format", default: LogFormat.auto, "Lines of text, lines of JSON, or text on a terminal and JSON otherwise."
    )
    package static let masterKeyFile = Setting.optionalText(
        "master-key-file", name: "FILE",
        "A file with the key that seals secrets before they are stored: 32 bytes in base64 or hex. Further lines are "
            + "older keys that still open what they sealed.")
    package static let adminKeyFile = Setting.optionalText(
        "admin-key-file", name: "FILE", "A file with the administrator's API key (sk_…), which has all scopes.")
    package static let jwtSecretFile = Setting.optionalText(
        "jwt-hs256-secret-file", name: "FILE",
        "A file with the secret of tokens signed with HS256, at least 32 bytes. Tokens of other algorithms are taken "
            + "only where their key is set.")
    package static let jwtES256KeyFile = Setting.optionalText(
        "jwt-es256-key-file", name: "FILE", "A PEM file with the public key of tokens signed with ES256.")
    package static let jwtEdDSAKeyFile = Setting.optionalText(
        "jwt-eddsa-key-file", name: "FILE", "A PEM file with the public key of tokens signed with EdDSA (Ed25519).")
    package static let jwtIssuer = Setting.optionalText(
        "jwt-issuer", "Who must have issued a token (iss). Needed with any JWT key.")
    package static let jwtAudience = Setting.optionalText(
        "jwt-audience", "For whom a token must be meant (aud). Needed with any JWT key.")
    package static let keysRefresh = Setting.duration(
        "keys-refresh", in: .milliseconds(100) ... .seconds(60), default: .seconds(3),
        "How often API keys are read from Redis: a key made or deleted counts everywhere after this time.")
    package static let drainTime = Setting.duration(
        "drain-time", in: .seconds(1) ... .seconds(300), default: .seconds(8),
        "How long a stopping service may finish what it has begun. Below 10 s, after which supervisors kill.")

    package static func port(default fallback: Int) -> Setting<Int> {
        Setting.integer(
            "port", in: 0...65_535, unit: "port", default: fallback, "The port to listen on; 0 takes any free one.")
    }

    /// Those of a service that works on Redis.
    static let ofRedis: [any DeclaredSetting] = [
        redisURL, redisUser, redisPasswordFile, redisConnections, keyPrefix, partitions, masterKeyFile, keysRefresh,
    ]

    static let ofAll: [any DeclaredSetting] = [
        config, host, adminKeyFile, jwtSecretFile, jwtES256KeyFile, jwtEdDSAKeyFile, jwtIssuer, jwtAudience, logLevel,
        logFormat, drainTime,
    ]
}
