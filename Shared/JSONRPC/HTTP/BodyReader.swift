import HTTPTypes
import HummingbirdCore
import NIOCore

/// Why a body could not be read.
enum BodyError: Error {
    case tooLarge(bytesMax: Int)
    /// Bodies being read take up all memory that is set aside for them.
    case noRoom
    /// The connection broke or the other side did not keep to HTTP.
    case broken

    var refusal: HTTPRefusal {
        switch self {
        case .tooLarge(let bytesMax): .refused(413, "The body is larger than \(bytesMax) bytes.")
        case .noRoom:
            HTTPRefusal(HTTPRefusal.refused(503, "Too many requests at once.").answer.adding("retry-after", "1"))
        case .broken: .refused(400, "The body did not arrive whole.")
        }
    }
}

/// Reads one request's body into one buffer, within the request's bound and that of all bodies together.
struct BodyReader: Sendable {
    let body: RequestBody
    let declaredBytes: Int?
    let expectsContinue: Bool
    let channel: any Channel
    let budget: BodyBudget

    init(_ request: Request, channel: any Channel, budget: BodyBudget) {
        body = request.body
        declaredBytes = request.head.headerFields[.contentLength].flatMap { Int($0) }
        expectsContinue = request.head.headerFields[.expect]?.lowercased() == "100-continue"
        self.channel = channel
        self.budget = budget
    }

    func collect(bytesMax: Int) async throws(BodyError) -> ByteBuffer {
        if let declaredBytes, declaredBytes > bytesMax { throw .tooLarge(bytesMax: bytesMax) }
        if expectsContinue { channel.triggerUserOutboundEvent(ConnectionGuard.Continue(), promise: nil) }
        var reserved = 0
        defer { budget.giveBack(reserved) }
        var whole: ByteBuffer?
        var iterator = body.makeAsyncIterator()
        while let part = try await next(&iterator) {
            guard reserved + part.readableBytes <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
            guard budget.take(part.readableBytes) else { throw .noRoom }
            reserved += part.readableBytes
            if whole == nil {
                whole = part
            } else {
                whole?.writeImmutableBuffer(part)
            }
        }
        let collected = whole ?? ByteBuffer()
        if let declaredBytes, collected.readableBytes != declaredBytes { throw .broken }
        return collected
    }

    private func next(_ iterator: inout RequestBody.AsyncIterator) async throws(BodyError) -> ByteBuffer? {
        do { return try await iterator.next() } catch { throw .broken }
    }
}
