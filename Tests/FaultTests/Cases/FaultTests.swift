import Testing

/// Real processes under real faults; what happened is judged by the history checker alone.
///
/// One case after the other: each runs a whole suite of processes.
@Suite("Faults", .serialized)
struct FaultTests {}
