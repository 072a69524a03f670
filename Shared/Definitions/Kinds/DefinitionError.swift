import JSONRPC
import Models

/// Why a definition was not read or written.
package struct DefinitionError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    package enum Code: String, Sendable, CaseIterable {
        /// There is none of that name.
        case notFound
        /// There is one of that name already.
        case exists
        /// Somebody else wrote since the revision that the change was based on.
        case stale
        /// Something else uses it, and the change would break that.
        case inUse
        /// The document has ``DefinitionError/problems``.
        case invalid
        /// A bound is reached.
        case tooMany
        /// A secret could not be sealed or opened: the key file is missing or another one.
        case sealing
        /// The setting contradicts what the deployment was made with.
        case deployment
        /// Redis did not answer, or not as expected; whether a write happened is unknown, and repeating is safe.
        case unavailable
    }

    package let code: Code
    /// A sentence for callers: no keys, no hosts, no secrets.
    package let message: String
    package let problems: [Problem]
    package let usedIn: [DefinitionUse]
    /// The revision that is in force, where a change was stale or a name was taken.
    package let currentRevision: Int64?
    package let cause: (any Error)?

    package init(
        _ code: Code, _ message: String, problems: [Problem] = [], usedIn: [DefinitionUse] = [],
        currentRevision: Int64? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.problems = problems
        self.usedIn = usedIn
        self.currentRevision = currentRevision
        self.cause = cause
    }

    package var description: String {
        let reasons = problems.map(\.description).joined(separator: "; ")
        return "\(code.rawValue): \(message)" + (reasons.isEmpty ? "" : " (\(reasons))")
    }

    /// Whether the same call may be made again and can succeed without anybody changing anything.
    package var isWorthRetrying: Bool { code == .unavailable }

    /// For the store's own readers: the document of a user or of the store that is not one.
    package static func invalid(_ error: InvalidDocument, _ message: String) -> DefinitionError {
        DefinitionError(.invalid, message, problems: error.problems, cause: error)
    }

    static func notFound(_ kind: DefinitionKind, _ name: String) -> DefinitionError {
        DefinitionError(.notFound, "There is no \(kind.singular) of this name.")
    }

    static func inUse(_ kind: DefinitionKind, _ uses: [DefinitionUse], _ problems: [Problem] = []) -> DefinitionError {
        let users = uses.prefix(10).map(\.phrase).joined(separator: ", ")
        return DefinitionError(
            .inUse, "This \(kind.singular) is used by \(users).", problems: problems, usedIn: uses)
    }

    /// What is in force would not go on after the change.
    package static func breaks(_ kind: DefinitionKind, _ breakage: Breakage) -> DefinitionError {
        let users = breakage.uses.prefix(10).map(\.phrase).joined(separator: ", ")
        return DefinitionError(
            .inUse, "This change of the \(kind.singular) would break \(users).", problems: breakage.problems,
            usedIn: breakage.uses)
    }
}
