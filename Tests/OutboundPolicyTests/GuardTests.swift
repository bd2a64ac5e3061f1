import MailModel
import OutboundPolicy
import Testing

@Suite struct ConnectionGuardTests {
    private func limits(connections: Int = 100, perAddress: Int = 100, bytes: Int = 1000) -> ConnectionGuard.Limits {
        var limits = ConnectionGuard.Limits()
        limits.connectionsMax = connections
        limits.connectionsPerAddressMax = perAddress
        limits.contentBytesMax = bytes
        return limits
    }

    @Test func connectionsAreBoundedAndRecover() {
        var guardian = ConnectionGuard(limits: limits(connections: 2))
        #expect(guardian.connectionOpened(from: IPAddress("192.0.2.1")) == nil)
        #expect(guardian.connectionOpened(from: nil) == nil)
        #expect(guardian.connectionOpened(from: IPAddress("192.0.2.2"))?.code == 421)
        #expect(guardian.connectionCount == 2)
        guardian.connectionClosed(from: nil)
        #expect(guardian.connectionOpened(from: IPAddress("192.0.2.2")) == nil)
    }

    @Test func oneAddressHasItsShare() {
        var guardian = ConnectionGuard(limits: limits(perAddress: 2))
        let address = IPAddress("192.0.2.1")
        #expect(guardian.connectionOpened(from: address) == nil)
        #expect(guardian.connectionOpened(from: address) == nil)
        let refusal = guardian.connectionOpened(from: address)
        #expect(refusal?.code == 421)
        #expect(refusal?.text.contains("192.0.2.1 (2)") == true)
        #expect(guardian.connectionOpened(from: IPAddress("192.0.2.2")) == nil)
        guardian.connectionClosed(from: address)
        #expect(guardian.connectionOpened(from: address) == nil)
    }

    @Test func anIPv6NetworkOfOneCustomerIsOneAddress() {
        var guardian = ConnectionGuard(limits: limits(perAddress: 1))
        #expect(guardian.connectionOpened(from: IPAddress("2001:db8::1")) == nil)
        #expect(guardian.connectionOpened(from: IPAddress("2001:db8::ffff:1"))?.code == 421)
        #expect(guardian.connectionOpened(from: IPAddress("2001:db8:0:1::1")) == nil)
        guardian.connectionClosed(from: IPAddress("2001:db8::2"))
        #expect(guardian.connectionOpened(from: IPAddress("2001:db8::3")) == nil)
    }

    @Test func aRefusedConnectionTakesNothing() {
        var guardian = ConnectionGuard(limits: limits(connections: 1))
        #expect(guardian.connectionOpened(from: IPAddress("192.0.2.1")) == nil)
        for _ in 0..<10 { #expect(guardian.connectionOpened(from: IPAddress("192.0.2.1")) != nil) }
        guardian.connectionClosed(from: IPAddress("192.0.2.1"))
        #expect(guardian.connectionCount == 0)
        #expect(guardian.connectionOpened(from: IPAddress("192.0.2.1")) == nil)
    }

    @Test func contentIsBoundedToTheByteAndRecovers() {
        var guardian = ConnectionGuard(limits: limits(bytes: 1000))
        #expect(guardian.contentReserved(1000) == true)
        #expect(guardian.contentReserved(1) == false)
        #expect(guardian.contentBytes == 1000)
        guardian.contentReleased(400)
        #expect(guardian.contentReserved(401) == false)
        #expect(guardian.contentReserved(400) == true)
    }
}

@Suite struct SignInGuardTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let home = IPAddress("192.0.2.1")
    private let stranger = IPAddress("198.51.100.1")

    private var limits: SignInGuard.Limits {
        var limits = SignInGuard.Limits()
        limits.failuresPerBlockMax = 4
        limits.failuresPerNameMax = 8
        limits.failuresPerKnownPairMax = 6
        return limits
    }

    private func fail(_ guardian: inout SignInGuard, _ name: String, from address: IPAddress?, times: Int, at now: Timestamp? = nil) {
        for _ in 0..<times { _ = guardian.signInFailed(name: name, from: address, at: now ?? start) }
    }

    @Test func delaysDoubleUpToABound() {
        var guardian = SignInGuard()
        let delays = (0..<8).map { _ in guardian.signInFailed(name: "kim", from: stranger, at: start) }
        #expect(
            delays == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(16), .seconds(16)])
        var endless = SignInGuard()
        for _ in 0..<10_000 { #expect(endless.signInFailed(name: "kim", from: nil, at: start) <= .seconds(16)) }
    }

    @Test func aBlockThatGuessesIsShutOutForAWhile() {
        var guardian = SignInGuard(limits: limits)
        fail(&guardian, "a", from: stranger, times: 3)
        #expect(guardian.signInBegan(name: "b", from: stranger, at: start) == nil)
        fail(&guardian, "b", from: stranger, times: 1)
        let refusal = guardian.signInBegan(name: "c", from: stranger, at: start)
        #expect(refusal?.code == 454)
        #expect(refusal?.text.contains("15 minutes") == true)
        #expect(guardian.signInBegan(name: "c", from: home, at: start) == nil)
        #expect(guardian.signInBegan(name: "c", from: stranger, at: start + .seconds(899)) != nil)
        #expect(guardian.signInBegan(name: "c", from: stranger, at: start + .seconds(900)) == nil)
    }

    @Test func failuresLongAgoDoNotCount() {
        var guardian = SignInGuard(limits: limits)
        fail(&guardian, "a", from: stranger, times: 3)
        fail(&guardian, "a", from: stranger, times: 3, at: start + .seconds(600))
        #expect(guardian.signInBegan(name: "a", from: stranger, at: start + .seconds(600)) == nil)
    }

    @Test func anIPv6GuesserDoesNotEscapeByAnotherAddressOfItsNetwork() {
        var guardian = SignInGuard(limits: limits)
        for index in 0..<4 { fail(&guardian, "a", from: IPAddress("2001:db8::\(index)"), times: 1) }
        #expect(guardian.signInBegan(name: "a", from: IPAddress("2001:db8::ffff"), at: start) != nil)
        #expect(guardian.signInBegan(name: "a", from: IPAddress("2001:db8:0:1::1"), at: start) == nil)
    }

    /// Guessing from everywhere shuts the name for strangers; its owner goes on from where it has signed in before.
    @Test func aGuesserCannotLockOutAColleague() {
        var guardian = SignInGuard(limits: limits)
        guardian.signInSucceeded(name: "kim", from: home, at: start)
        for index in 1...8 { fail(&guardian, "kim", from: IPAddress("198.51.100.\(index)"), times: 1) }
        #expect(guardian.signInBegan(name: "kim", from: IPAddress("203.0.113.1"), at: start)?.code == 454)
        #expect(guardian.signInBegan(name: "lee", from: IPAddress("203.0.113.1"), at: start) == nil)
        #expect(guardian.signInBegan(name: "kim", from: home, at: start) == nil)
    }

    /// Nor by guessing at another name from the same office.
    @Test func aBlockThatIsShutOutStaysOpenToThoseItIsKnownFor() {
        var guardian = SignInGuard(limits: limits)
        guardian.signInSucceeded(name: "kim", from: home, at: start)
        fail(&guardian, "lee", from: home, times: 4)
        #expect(guardian.signInBegan(name: "lee", from: home, at: start) != nil)
        #expect(guardian.signInBegan(name: "kim", from: home, at: start) == nil)
    }

    @Test func aKnownAddressHasALimitOfItsOwn() {
        var guardian = SignInGuard(limits: limits)
        guardian.signInSucceeded(name: "kim", from: home, at: start)
        fail(&guardian, "kim", from: home, times: 5)
        #expect(guardian.signInBegan(name: "kim", from: home, at: start) == nil)
        fail(&guardian, "kim", from: home, times: 1)
        #expect(guardian.signInBegan(name: "kim", from: home, at: start)?.text.contains("for this account") == true)
        #expect(guardian.signInBegan(name: "kim", from: home, at: start + .seconds(900)) == nil)
    }

    @Test func aBlockIsNotKnownForEver() {
        var guardian = SignInGuard(limits: limits)
        guardian.signInSucceeded(name: "kim", from: home, at: start)
        let later = start + .seconds(30 * 86_400)
        fail(&guardian, "lee", from: home, times: 4, at: later)
        #expect(guardian.signInBegan(name: "kim", from: home, at: later - .seconds(1)) == nil)
        #expect(guardian.signInBegan(name: "kim", from: home, at: later) != nil)
    }

    @Test func memoryIsBounded() {
        var limits = SignInGuard.Limits()
        limits.entriesMax = 64
        var guardian = SignInGuard(limits: limits)
        for index in 0..<2000 {
            // Most in the same moment: the oldest half must go also where nothing tells the halves apart.
            let now = start + .milliseconds(Int64(index / 500))
            let address = IPAddress.v4(UInt32(index) &+ 0x0A00_0000)
            guardian.signInSucceeded(name: "name\(index)", from: address, at: now)
            _ = guardian.signInFailed(name: "name\(index)", from: address, at: now)
            #expect(guardian.entriesHeld <= 64)
            if index > 100 { #expect(guardian.entriesHeld >= 32) }
        }
    }

    @Test func theNewestIsNotForgotten() {
        var limits = limits
        limits.entriesMax = 10
        var guardian = SignInGuard(limits: limits)
        for index in 0..<10 {
            fail(&guardian, "n\(index)", from: IPAddress("198.51.100.\(index)"), times: 4, at: start + .milliseconds(Int64(index)))
        }
        fail(&guardian, "n10", from: IPAddress("198.51.100.10"), times: 1, at: start + .seconds(1))
        #expect(guardian.signInBegan(name: "x", from: IPAddress("198.51.100.9"), at: start + .seconds(1)) != nil)
        #expect(guardian.signInBegan(name: "x", from: IPAddress("198.51.100.0"), at: start + .seconds(1)) == nil)
    }

    @Test func signingInAgainForgetsNobody() {
        var limits = limits
        limits.entriesMax = 2
        var guardian = SignInGuard(limits: limits)
        guardian.signInSucceeded(name: "kim", from: home, at: start)
        guardian.signInSucceeded(name: "lee", from: home, at: start + .seconds(1))
        for second in 2..<10 { guardian.signInSucceeded(name: "lee", from: home, at: start + .seconds(second)) }
        fail(&guardian, "x", from: home, times: 4, at: start + .seconds(10))
        #expect(guardian.signInBegan(name: "kim", from: home, at: start + .seconds(10)) == nil)
    }

    @Test func aSmallStepBackOfTheClockOpensNothing() {
        var guardian = SignInGuard(limits: limits)
        fail(&guardian, "a", from: stranger, times: 4)
        #expect(guardian.signInBegan(name: "a", from: stranger, at: start - .seconds(5)) != nil)
        #expect(guardian.signInBegan(name: "a", from: stranger, at: start - .seconds(600)) != nil)
    }

    /// A clock that was a year ahead, and is set right: nobody stays shut out for a year.
    @Test func aClockSetBackDoesNotShutOutForAsLongAsItWasWrong() {
        var guardian = SignInGuard(limits: limits)
        let ahead = start + .seconds(365 * 86_400)
        fail(&guardian, "a", from: stranger, times: 4, at: ahead)
        #expect(guardian.signInBegan(name: "a", from: stranger, at: ahead) != nil)
        #expect(guardian.signInBegan(name: "a", from: stranger, at: start) == nil)
        #expect(guardian.signInFailed(name: "b", from: stranger, at: start) == .milliseconds(500))
        fail(&guardian, "b", from: stranger, times: 3)
        #expect(guardian.signInBegan(name: "b", from: stranger, at: start) != nil)
    }
}
