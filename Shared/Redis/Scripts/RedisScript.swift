/// A Lua script that Redis knows by its SHA-1.
///
/// Compared by identity; make each once.
package final class RedisScript: Sendable {
    /// For logs: `commitBatch`.
    package let name: String
    /// Lua, with its `#!lua` line.
    package let source: String
    /// 40 hexadecimal digits.
    package let sha1: String

    /// Hashes the source; linear in its length.
    package init(name: String, source: String) {
        self.name = name
        self.source = source
        sha1 = SHA1.hexadecimal(of: source.utf8)
    }

    /// The call, to be sent by `RedisConnection.run`, which loads the script where Redis does not know it. More
    /// arguments (`ARGV`) may be appended.
    package func command(keys: [String], arguments: [any RedisArgument] = []) -> RedisCommand {
        var list: [any RedisArgument] = []
        list.reserveCapacity(2 + keys.count + arguments.count)
        list.append(sha1)
        list.append(keys.count)
        list.append(contentsOf: keys)
        list.append(contentsOf: arguments)
        return RedisCommand(name: "EVALSHA", arguments: list, script: self)
    }
}
