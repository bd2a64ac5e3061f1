import MailModel
import OutboundPolicy
import Testing

struct AccessTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func key(_ change: (inout APIKey) -> Void) -> APIKey {
        var key = APIKey(name: "k", secretHash: "", createdAt: now)
        change(&key)
        return key
    }

    @Test func onlyAdministratorsMakePrincipals() {
        for role in Role.allCases where role != .administrator {
            #expect(role.scopes.isDisjoint(with: [.keysWrite, .accountsWrite, .keysRead, .connectorsWrite]), "\(role)")
        }
        #expect(Role.administrator.scopes == Set(AccessScope.allCases))
    }

    @Test func aViewerChangesNothing() {
        #expect(!Role.viewer.scopes.contains { $0.isWrite || $0 == .messagesSend || $0 == .routesTest })
    }

    @Test func aKeyIsValidUntilItExpires() {
        let expiring = key {
            $0.expiresAt = now + .seconds(10)
            $0.scopes = [.messagesSend]
        }
        let directory = Directory()
        #expect(directory.principal(of: expiring, at: now)?.name == "api-key:k")
        #expect(directory.principal(of: expiring, at: now + .seconds(10)) == nil)
        #expect(directory.principal(of: key { $0.isDisabled = true }, at: now) == nil)
    }

    @Test func aKeyOfAnAccountCanDoNoMoreThanTheAccount() throws {
        let address = try #require(EmailAddress("a@example.org"))
        var account = Account(address: address, passwordHash: nil)
        account.roles = ["viewer"]
        let administrator = key {
            $0.account = address
            $0.roles = [.administrator]
        }
        var directory = Directory(accounts: [address.key: account])
        let principal = try #require(directory.principal(of: administrator, at: now))
        #expect(principal.scopes == Role.viewer.scopes.union(Role.author.scopes))
        #expect(principal.submitter == .account(address))
        directory.accounts[address.key]?.isDisabled = true
        #expect(directory.principal(of: administrator, at: now) == nil)
        #expect(Directory().principal(of: administrator, at: now) == nil, "the account is gone")
    }

    @Test func aBucketHoldsTwoSecondsAndFillsAtItsRate() {
        var rate = RequestRate()
        for _ in 0..<20 { #expect(rate.requested(by: "a", perSecondMax: 10, at: now) == nil) }
        #expect(rate.requested(by: "a", perSecondMax: 10, at: now) == .milliseconds(100))
        #expect(rate.requested(by: "b", perSecondMax: 10, at: now) == nil, "another has a bucket of its own")
        #expect(rate.requested(by: "a", perSecondMax: 10, at: now + .milliseconds(99)) != nil)
        #expect(rate.requested(by: "a", perSecondMax: 10, at: now + .milliseconds(100)) == nil)
        #expect(rate.requested(by: "a", perSecondMax: 10, at: now - .seconds(100)) != nil, "a clock that was set back fills nothing")
    }
}
