import CCurl

/// What libcurl's codes mean to callers.
enum Failure {
    /// The error of a transfer that ended with the code.
    static func error(_ code: CURLcode, of transfer: Transfer) -> HTTPError {
        let place = transfer.hop?.address.hostAndPort ?? ""
        if transfer.verdicts.bodyTooLong || code == CURLE_FILESIZE_EXCEEDED {
            return HTTPError(.tooLarge, "The answer of \(place) is longer than allowed.")
        }
        if transfer.verdicts.headersTooLong {
            return HTTPError(.tooLarge, "The header of the answer of \(place) is longer than allowed.")
        }
        // An exchange before this one was sent and answered, so a redirect makes the outcome unknown.
        let unsent: RetryClass? = transfer.hasSent || transfer.redirects > 0 ? nil : .safe
        return error(code, place: place, verdicts: transfer.verdicts, unsent: unsent)
    }

    private static func error(
        _ code: CURLcode, place: String, verdicts: Transfer.Verdicts, unsent: RetryClass?
    ) -> HTTPError {
        switch code {
        case CURLE_URL_MALFORMAT:
            return HTTPError(.invalidRequest, "The URL cannot be used.")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return HTTPError(.nameNotResolved, "The name of \(place) has no address.")
        case CURLE_COULDNT_CONNECT where verdicts.refusedAddress && !verdicts.permittedAddress:
            return HTTPError(.refusedAddress, "The address of \(place) is not one that may be called.")
        case CURLE_COULDNT_CONNECT:
            return HTTPError(.connectFailed, "\(place) does not take connections.")
        case CURLE_OPERATION_TIMEDOUT where unsent == .safe:
            return HTTPError(.timedOut, "\(place) was not reached in time.", retry: .safe)
        case CURLE_OPERATION_TIMEDOUT:
            return HTTPError(.timedOut, "\(place) did not answer in time.")
        case CURLE_PEER_FAILED_VERIFICATION:
            return HTTPError(.tls, "The certificate of \(place) is not accepted.")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_USE_SSL_FAILED:
            return HTTPError(.tls, "The TLS handshake with \(place) failed.")
        case CURLE_BAD_CONTENT_ENCODING:
            return HTTPError(.protocolError, "The body of the answer of \(place) is in no coding that can be read.")
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND:
            return HTTPError(.connectionLost, "The connection to \(place) ended before the answer.", retry: unsent)
        default:
            return HTTPError(.protocolError, "\(place) answered what is not proper HTTP.", retry: unsent)
        }
    }
}
