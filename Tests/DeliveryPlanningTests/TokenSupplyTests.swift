import DeliveryPlanning
import MailModel
import Testing

/// Which connection gets which token, and when a new one is asked for.
struct TokenSupplyTests {
    private let start = Timestamp(seconds: 1_790_000_000)
    private let fault = TokenFault(code: "answer", text: "503")
    private let lasting = TokenFault(code: "AADSTS7000215", text: "wrong", isLasting: true)

    private func token(_ value: String, at time: Timestamp, life: Int = 3600) -> AccessToken {
        AccessToken(value: value, issuedAt: time, expiresAt: time + .seconds(life))
    }

    private func supplied(_ value: String = "one", life: Int = 3600) -> TokenSupply {
        var supply = TokenSupply()
        _ = supply.ask(at: start)
        supply.fetched(.success(token(value, at: start, life: life)), at: start)
        return supply
    }

    @Test func oneFetchForAllWhoAsk() {
        var supply = TokenSupply()
        #expect(supply.ask(at: start) == .fetch)
        #expect(supply.ask(at: start) == .wait)
        supply.fetched(.success(token("one", at: start)), at: start)
        #expect(supply.ask(at: start + .seconds(3000)) == .use(token("one", at: start)))
    }

    @Test func renewedFiveMinutesBeforeItsEndAndUsedMeanwhile() {
        var supply = supplied()
        let one = token("one", at: start)
        #expect(supply.ask(at: start + .seconds(3299)) == .use(one))
        #expect(supply.ask(at: start + .seconds(3300)) == .useAndFetch(one))
        #expect(supply.ask(at: start + .seconds(3301)) == .use(one), "one fetch at a time")
        supply.fetched(.failure(fault), at: start + .seconds(3301))
        #expect(supply.ask(at: start + .seconds(3302)) == .use(one), "a failed renewal does not matter yet")
        #expect(supply.ask(at: start + .seconds(3306)) == .useAndFetch(one))
        #expect(supply.ask(at: start + .seconds(3570)) == .wait, "too near its end")
    }

    @Test func aShortLifeIsRenewedAtItsHalf() {
        var supply = supplied(life: 60)
        #expect(supply.ask(at: start + .seconds(29)) == .use(token("one", at: start, life: 60)))
        #expect(supply.ask(at: start + .seconds(30)) == .useAndFetch(token("one", at: start, life: 60)))
    }

    @Test func aRefusedTokenIsFetchedAnewOnce() {
        var supply = supplied()
        #expect(supply.ask(refused: "one", at: start) == .fetch)
        #expect(supply.ask(refused: "one", at: start) == .wait)
        supply.fetched(.success(token("two", at: start)), at: start)
        #expect(supply.ask(refused: "one", at: start) == .use(token("two", at: start)), "the late one gets the new token")
    }

    @Test func failuresAreSpacedOut() {
        var supply = TokenSupply()
        var now = start
        var waits: [Int64] = []
        for _ in 0..<9 {
            #expect(supply.ask(at: now) == .fetch)
            supply.fetched(.failure(fault), at: now)
            #expect(supply.ask(at: now) == .fail(fault))
            let next = supply.nextFetchAt ?? now
            #expect(supply.ask(at: next - .milliseconds(1)) == .fail(fault))
            waits.append((next - now).milliseconds / 1000)
            now = next
        }
        #expect(waits == [5, 10, 20, 40, 80, 160, 320, 600, 600])
        #expect(supply.ask(at: now) == .fetch)
        supply.fetched(.failure(lasting), at: now)
        #expect(supply.nextFetchAt == now + .seconds(3600))
    }

    @Test func theEndpointMayAskForMoreTime() {
        var supply = TokenSupply()
        _ = supply.ask(at: start)
        supply.fetched(.failure(.refusal(status: 429, error: nil, description: nil, retryAfter: 90)), at: start)
        #expect(supply.nextFetchAt == start + .seconds(90))
    }

    @Test(arguments: [
        ("AADSTS700016: Application with identifier 'x' was not found in the directory", "invalid_request", "AADSTS700016", "--client-id"),
        ("AADSTS7000215: Invalid client secret provided.", "invalid_client", "AADSTS7000215", "Secret ID"),
        ("AADSTS90002: Tenant 'x' not found.", "invalid_request", "AADSTS90002", "--tenant"),
        ("AADSTS65001: The user or administrator has not consented", "invalid_grant", "AADSTS65001", "admin consent"),
        ("Token has been expired or revoked.", "invalid_grant", "invalid_grant", "Consent once more"),
    ])
    func refusalsNameTheMissingStep(description: String, error: String, code: String, step: String) {
        let fault = TokenFault.refusal(status: 400, error: error, description: description)
        #expect(fault.code == code && fault.isLasting)
        #expect(fault.advice?.contains(step) == true)
    }

    @Test func anEndpointInTroubleIsNotTheOperatorsFault() {
        #expect(!TokenFault.refusal(status: 503, error: nil, description: nil).isLasting)
        #expect(!TokenFault.refusal(status: 400, error: "temporarily_unavailable", description: nil).isLasting)
        #expect(TokenFault.refusal(status: 503, error: nil, description: nil).advice == nil)
    }

    @Test func aTokenIsNotPrinted() {
        #expect(!"\(token("s3cret", at: start))".contains("s3cret") && !String(reflecting: supplied("s3cret")).contains("s3cret"))
    }
}
