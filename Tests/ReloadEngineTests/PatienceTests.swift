import Platform
import Testing

@testable import ReloadEngine

@Suite struct PatienceTests {
    /// What is said to each reading in turn.
    private func answers(until deadline: Deadline, atMost: Double, _ readings: [Double]) -> [Bool] {
        var patience = Patience(until: deadline, atMost: atMost)
        return readings.map { patience.goesOn(delay: $0) }
    }

    @Test func aProgramThatHadItsTimeIsNotWaitedForAgain() {
        #expect(answers(until: .after(0), atMost: 5000, [70]) == [false])
        #expect(answers(until: .after(0), atMost: 5000, [70, 70]) == [false, false])
    }

    @Test func beforeTheDeadlineItIsWaitedFor() {
        #expect(answers(until: .after(60_000), atMost: 0, [70, 70]) == [true, true])
    }

    @Test func timeWithoutAProcessorIsAdded() {
        // The second reading moves the deadline far away; what follows is before it.
        #expect(answers(until: .after(0), atMost: 90_000, [70, 60_070, 60_070]) == [false, true, true])
    }

    @Test func itIsNotAddedForEver() {
        #expect(answers(until: .after(-100), atMost: 0, [70, 60_070]) == [false, false])
    }

    @Test func aProcessThatIsNotThereHasWaitedForNothing() {
        #expect(processorDelay(processID: 0) == 0)
    }
}
