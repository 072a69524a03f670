extension FunctionTable {
    static let audience: [FunctionEntry] = ["inAudience", "inSegment"].map { name in
        FunctionEntry(
            name, .audience, [Signature(["name": .audience], .boolean)],
            "Tells whether the person is a member of an audience.", example: "\(name)(\"goldCustomers\")",
            result: "false", dependence: .audiences
        ) { (arguments, run) throws(FunctionFailure) in
            .boolean(run.context.isMember(of: try arguments.string(0)))
        }
    }
}
