import Foundation

/// A wall clock that is wrong in one process, by libfaketime.
package enum FakeClock {
    /// Where the library is; nil where it is not installed.
    package static let library: String? = {
        let files = FileManager.default
        for folder in (try? files.contentsOfDirectory(atPath: "/usr/lib")) ?? [] {
            let path = "/usr/lib/\(folder)/faketime/libfaketimeMT.so.1"
            if files.fileExists(atPath: path) { return path }
        }
        return nil
    }()

    /// The variables of a process whose wall clock is off by so much (`+1h`); what only measures time goes on rightly.
    package static func environment(_ shift: String) -> [String: String] {
        // The C library comes before the allocator that services are linked with: that one reads the clock while it
        // starts, which libfaketime cannot bear.
        [
            "LD_PRELOAD": library.map { "\($0):libc.so.6" } ?? "", "FAKETIME": shift,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// The variables of a process whose wall clock is right again.
    package static let right = ["LD_PRELOAD": "", "FAKETIME": ""]
}
