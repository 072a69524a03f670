import Logging
import Models

/// Carries out messages: finds the method, holds scope and params against its declaration, runs it, writes the answer.
package struct RPCDispatcher: Sendable {
    /// Members of a batch that run side by side at most. Enough to hide a round trip to Redis, and few enough that
    /// one batch does not crowd out other callers.
    package static let concurrentMembersMax = 16

    private let registry: MethodRegistry
    private let observer: any RPCObserver
    private let logger: Logger
    private let reference: @Sendable () -> String

    /// - Parameter reference: makes the word that stands in the log and in −32603; random by default.
    package init(
        registry: MethodRegistry, observer: any RPCObserver = SilentObserver(), logger: Logger,
        reference: @escaping @Sendable () -> String = RPCDispatcher.randomReference
    ) {
        self.registry = registry.sealed()
        self.observer = observer
        self.logger = logger
        self.reference = reference
    }

    package static let randomReference: @Sendable () -> String = {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The bytes of the answer; nil where there is nothing to answer.
    package func answer(_ message: RPCMessage, from principal: Principal, at peer: Peer = .unknown) async -> [UInt8]? {
        switch message {
        case .refused(let error):
            observer.answered(method: nil, error: error.code, duration: .zero)
            return RPCAnswer.error(error)
        case .single(let member): return await answer(member, from: principal, at: peer)
        case .batch(let members): return RPCAnswer.batch(await answers(members, from: principal, at: peer))
        }
    }

    /// The answers in the order of the members: runs of neighbours that may run together do, all others in order.
    private func answers(_ members: [RPCMember], from principal: Principal, at peer: Peer) async -> [[UInt8]?] {
        var answers = [[UInt8]?](repeating: nil, count: members.count)
        var place = 0
        while place < members.count {
            var end = place
            while end < members.count, runsTogether(members[end]) { end += 1 }
            if end - place < 2 {
                answers[place] = await answer(members[place], from: principal, at: peer)
                place += 1
                continue
            }
            for (place, answer) in await answersTogether(members, place..<end, from: principal, at: peer) {
                answers[place] = answer
            }
            place = end
        }
        return answers
    }

    private func runsTogether(_ member: RPCMember) -> Bool {
        switch member {
        case .invalid: true
        case .call(let call): registry[call.request.method]?.batchOrder != .inOrder
        }
    }

    private func answersTogether(
        _ members: [RPCMember], _ range: Range<Int>, from principal: Principal, at peer: Peer
    ) async -> [(Int, [UInt8]?)] {
        await withTaskGroup(of: (Int, [UInt8]?).self) { group in
            var done: [(Int, [UInt8]?)] = []
            for place in range {
                if place - range.lowerBound >= Self.concurrentMembersMax, let one = await group.next() {
                    done.append(one)
                }
                let member = members[place]
                group.addTask { (place, await self.answer(member, from: principal, at: peer)) }
            }
            for await one in group { done.append(one) }
            return done
        }
    }

    private func answer(_ member: RPCMember, from principal: Principal, at peer: Peer) async -> [UInt8]? {
        switch member {
        case .invalid(let error):
            observer.answered(method: nil, error: error.code, duration: .zero)
            return RPCAnswer.error(error)
        case .call(let call):
            let request = call.request
            let start = ContinuousClock.now
            do throws(RPCError) {
                let result = try await perform(request, for: principal, at: peer)
                observer.answered(method: request.method, error: nil, duration: start.duration(to: .now))
                return request.id.map { RPCAnswer.result(result, id: $0) }
            } catch {
                let known = error.code == .methodNotFound ? nil : request.method
                observer.answered(method: known, error: error.code, duration: start.duration(to: .now))
                let shown = logged(error, of: request.method)
                return request.id.map { RPCAnswer.error(shown, id: $0) }
            }
        }
    }

    private func perform(
        _ request: RPCRequest, for principal: Principal, at peer: Peer
    ) async throws(RPCError) -> JSONValue {
        guard let method = registry[request.method] else {
            throw RPCError(.methodNotFound, "There is no such method; rpc.discover lists all.")
        }
        if let scope = method.scope, !principal.may(scope) { throw .forbidden(scope) }
        let params = try method.checkedParams(request.params)
        let context = RPCContext(principal: principal, method: method.name, logger: logger, peer: peer)
        return try await method.handler(context, params)
    }

    /// What the caller may see of an error; what may not be seen goes to the log under a reference.
    private func logged(_ error: RPCError, of method: String) -> RPCError {
        let cause = error.cause.map { "\($0)" } ?? "none given"
        guard error.code == .internalError else {
            if error.cause != nil {
                logger.warning("A method is unavailable", metadata: ["method": "\(method)", "cause": "\(cause)"])
            }
            return error
        }
        let reference = reference()
        logger.error(
            "A method failed", metadata: ["method": "\(method)", "reference": "\(reference)", "cause": "\(cause)"])
        return RPCError(.internalError, error.message, data: ["reference": .string(reference)])
    }
}
