/// Events at a steady rate, whatever becomes of them: how they are answered is what is asked.
enum SteadyLoad {
    /// Senders side by side, each with its own part of the events.
    private static let senders = 40

    /// - Parameter send: sends the event of that number, and gives the status of its answer.
    /// - Returns: How many answers had each status; 0: there was none.
    static func run(
        rate: Int, for duration: Duration, _ send: @escaping @Sendable (Int) async -> Int?
    ) async -> [Int: Int] {
        let count = Int(duration.components.seconds) * rate
        let began = ContinuousClock.now
        return await withTaskGroup(of: [Int: Int].self) { group in
            for sender in 0..<senders {
                group.addTask {
                    var answers: [Int: Int] = [:]
                    for number in stride(from: sender, to: count, by: senders) {
                        try? await Task.sleep(until: began + .seconds(1) * number / rate, clock: .continuous)
                        answers[await send(number) ?? 0, default: 0] += 1
                    }
                    return answers
                }
            }
            var all: [Int: Int] = [:]
            for await answers in group { all.merge(answers, uniquingKeysWith: +) }
            return all
        }
    }
}
