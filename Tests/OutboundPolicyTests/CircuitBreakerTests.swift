import MailModel
import OutboundPolicy
import Testing

@Suite struct CircuitBreakerTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(failuresMax: 3, pause: .seconds(30))
        for _ in 0..<3 {
            let may = breaker.mayAsk(at: start)
            #expect(may)
            breaker.failed(at: start)
        }
        return breaker
    }

    /// Whether it may be asked at each of the times, in milliseconds from the start.
    private func asked(_ breaker: inout CircuitBreaker, _ times: Int64...) -> [Bool] {
        times.map { breaker.mayAsk(at: start + .milliseconds($0)) }
    }

    @Test func failuresInARowOpenIt() {
        var breaker = opened()
        #expect(breaker.state == .open)
        let answers1 = asked(&breaker, 0, 29_999)
        #expect(answers1 == [false, false])
        breaker = CircuitBreaker(failuresMax: 3)
        for _ in 0..<10 {
            breaker.failed(at: start)
            breaker.failed(at: start)
            breaker.succeeded()
        }
        #expect(breaker.state == .closed)
    }

    @Test func oneAsksAfterThePauseAndItsAnswerDecides() {
        var breaker = opened()
        let later = start + .seconds(30)
        let answers2 = asked(&breaker, 30_000, 3_600_000)
        #expect(answers2 == [true, false])
        #expect(breaker.state == .probing)
        breaker.failed(at: later)
        #expect(breaker.state == .open)
        let answers3 = asked(&breaker, 59_000, 60_000)
        #expect(answers3 == [false, true])
        breaker.succeeded()
        #expect(breaker.state == .closed)
        let answers4 = asked(&breaker, 60_000, 60_000)
        #expect(answers4 == [true, true])
        breaker.failed(at: later)
        #expect(breaker.state == .closed, "one failure is not a row")
    }
}
