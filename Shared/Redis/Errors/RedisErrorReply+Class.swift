extension RedisErrorReply {
    /// The code of this reply, and whether its command may be sent again.
    ///
    /// Redis checks before a command runs, so a refusal for a passing reason is safe to repeat. The same words about
    /// a command inside a script come when earlier commands of the script have written, and stay written.
    var classified: (code: RedisError.Code, retry: RedisError.Retry) {
        // Said on accept, with the code of all and sundry; it passes.
        if self.code == "ERR", message.hasPrefix("max number of clients") { return (.refused, .safe) }
        let (code, retry) = Self.classes[self.code] ?? (.refused, .never)
        return (code, retry == .safe && isFromInsideScript ? .unknownOutcome : retry)
    }

    /// A connection that gets this answer serves no better by staying: the server behind the address may have
    /// become another, or a new connection has to wait for it.
    var wantsReconnect: Bool {
        switch code {
        case "LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "NOAUTH", "UNBLOCKED": true
        default: false
        }
    }

    /// Redis ends the message of such an error with `script: <sha1>, on @user_script:<line>.`
    private var isFromInsideScript: Bool {
        message.contains(" script: ") && message.contains("@user_script")
    }

    private static let classes: [String: (RedisError.Code, RedisError.Retry)] = [
        "LOADING": (.loading, .safe),
        "BUSY": (.busy, .safe),
        "READONLY": (.readOnly, .safe),
        "MISCONF": (.diskRefused, .safe),
        "OOM": (.outOfMemory, .safe),
        "NOSCRIPT": (.noScript, .safe),
        "CLUSTERDOWN": (.clusterDown, .safe),
        "MASTERDOWN": (.masterDown, .safe),
        "TRYAGAIN": (.tryAgain, .safe),
        "MOVED": (.moved, .safe),
        "ASK": (.ask, .safe),
        "NOREPLICAS": (.noReplicas, .safe),
        "NOAUTH": (.notAuthenticated, .never),
        "WRONGPASS": (.notAuthenticated, .never),
        "NOPERM": (.noPermission, .never),
        "WRONGTYPE": (.wrongType, .never),
        "CROSSSLOT": (.crossSlot, .never),
        "EXECABORT": (.transactionAborted, .never),
        "UNBLOCKED": (.connectionLost, .safe),
        "NOGOODSLAVE": (.clusterDown, .safe),
    ]
}
