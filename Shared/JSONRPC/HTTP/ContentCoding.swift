import CZlib

/// How a body is coded on its way (RFC 9110, 8.4): as it is, or as gzip.
package enum ContentCoding: Sendable, Equatable {
    case identity
    case gzip

    /// A body may inflate to so many times its size; JSON of events comes to 5 to 30.
    package static let ratioMax = 200
    /// Up to this size a body may inflate whatever the ratio.
    package static let ratioFreeBytes = 64 << 10
    /// What a sender is told may come.
    package static let accepted = "gzip, identity"

    /// Of a header `Content-Encoding`; nil for a coding that is not taken.
    package init?(header: String?) {
        let codings = (header ?? "").split(separator: ",").map { $0.trimmed.lowercased() }.filter {
            !$0.isEmpty && $0 != "identity"
        }
        switch codings {
        case []: self = .identity
        case ["gzip"], ["x-gzip"]: self = .gzip
        default: return nil
        }
    }

    /// Why a body could not be inflated.
    package enum Failure: Error, Sendable, Equatable {
        /// It is not gzip, or a checksum is wrong.
        case broken
        /// It ends in the middle.
        case cut
        /// Past `bytesMax`, or past ``ratioMax`` times its size.
        case tooLarge(bytesMax: Int)
        /// There is no memory for it.
        case outOfMemory

        /// For the sender.
        package var sentence: String {
            switch self {
            case .broken: "the body is not gzip, though its Content-Encoding says so, or its checksum is wrong"
            case .cut: "the body is gzip that ends in the middle"
            case .tooLarge(let bytesMax): "the body is larger than \(bytesMax) bytes once it is inflated"
            case .outOfMemory: "there is no memory to inflate the body; send it again later"
            }
        }
    }

    /// Inflates gzip, several members one after another included, to at most `bytesMax` bytes.
    package static func inflated(_ bytes: [UInt8], bytesMax: Int) throws(Failure) -> [UInt8] {
        let bound = min(bytesMax, max(ratioFreeBytes, bytes.count * ratioMax))
        var out: UnsafeMutablePointer<UInt8>?
        var length = 0
        let outcome = czlib_gunzip(bytes, bytes.count, bound, &out, &length)
        defer { czlib_free(out) }
        switch outcome {
        case CZLIB_INFLATED: return Array(UnsafeBufferPointer(start: out, count: length))
        case CZLIB_CUT: throw .cut
        case CZLIB_TOO_LARGE: throw .tooLarge(bytesMax: bound)
        case CZLIB_OUT_OF_MEMORY: throw .outOfMemory
        default: throw .broken
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        return start.lastIndex { $0 != " " && $0 != "\t" }.map { start[...$0] } ?? ""
    }
}
