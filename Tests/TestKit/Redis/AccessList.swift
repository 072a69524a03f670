import Foundation

/// The users of `deploy/acl`, made into an aclfile by `deploy/lib/acl.sh` as `deploy/run` does it, with a password of
/// its own for each.
package final class AccessList: Sendable {
    private let folder: TemporaryFolder
    /// Of the user `operator`, who may do everything.
    let operatorPassword: String

    package init() async throws {
        folder = try TemporaryFolder()
        operatorPassword = Self.password()
        try operatorPassword.write(toFile: folder.file("redis.password"), atomically: true, encoding: .utf8)
        for service in SuiteService.six {
            try Self.password().write(toFile: passwordFile(of: service), atomically: true, encoding: .utf8)
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
            .standardizedFileURL.path
        let child = try ChildProcess(
            "bash",
            ["-c", #"cd "$1" && . deploy/lib/acl.sh && acl_file "$2" >"$2/users.acl""#, "bash", root, folder.path],
            output: folder.file("output.log"))
        try await eventually("the list is made") { !child.isRunning }
        guard child.exitStatus == 0 else { throw TestKitError("deploy/lib/acl.sh makes no list of users.") }
    }

    /// The argument of redis-server.
    var file: String { folder.file("users.acl") }

    package func passwordFile(of service: SuiteService) -> String { folder.file("\(service.rawValue).password") }

    private static func password() -> String { UUID().uuidString.replacing("-", with: "") }
}
