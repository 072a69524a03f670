import JSONRPC

extension DrainLeader {
    /// Only the replica that drains has the store; the others say which one it is.
    func require() throws(RPCError) {
        if leads { return }
        let who = leader.map { "the replica \($0)" } ?? "another replica"
        throw .unavailable("This replica does not hold the step store; ask \(who).", cause: nil)
    }
}
