import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import Submission

@Suite(.ownThreads) struct SignInCacheTests {
    private let account = Account(address: EmailAddress("a@example.org")!, passwordHash: "scrypt$1")
    private let password = Array("secret".utf8)
    private let start = Timestamp(seconds: 1_000_000)

    @Test func remembersAVerifiedSignInUntilItsLifetimeEnds() {
        let cache = SignInCache(lifetime: .seconds(60))
        #expect(!cache.remembers(account, password: password, now: start))
        cache.verified(account, password: password, now: start)
        #expect(cache.remembers(account, password: password, now: start + .milliseconds(59_999)))
        #expect(!cache.remembers(account, password: password, now: start + .seconds(60)))
    }

    @Test func knowsNoOtherPasswordAndNoOtherAccount() {
        let cache = SignInCache()
        cache.verified(account, password: password, now: start)
        var other = account
        other.address = EmailAddress("b@example.org")!
        #expect(!cache.remembers(account, password: Array("secres".utf8), now: start))
        #expect(!cache.remembers(other, password: password, now: start))
    }

    @Test func forgetsAtOnceWhatAChangeOfTheAccountTouches() {
        let cache = SignInCache()
        cache.verified(account, password: password, now: start)
        var changed = account
        changed.passwordHash = "scrypt$2"
        #expect(!cache.remembers(changed, password: password, now: start))
        var withApp = account
        withApp.appPasswords = [AppPassword(label: "x", hash: "scrypt$3", createdAt: start)]
        #expect(!cache.remembers(withApp, password: password, now: start))
        var disabled = account
        disabled.isDisabled = true
        #expect(!cache.remembers(disabled, password: password, now: start))
        #expect(cache.remembers(account, password: password, now: start))
    }

    @Test func aClockSetBackMakesNoEntryLiveLonger() {
        let cache = SignInCache(lifetime: .seconds(60))
        cache.verified(account, password: password, now: start)
        #expect(!cache.remembers(account, password: password, now: start - .seconds(1)))
    }

    @Test func holdsNoMoreThanItsLimitAndDropsTheOldestFirst() {
        let cache = SignInCache(entriesMax: 10)
        for number in 0..<1000 {
            cache.verified(account, password: Array("p\(number)".utf8), now: start)
            #expect(cache.count <= 10)
        }
        #expect(cache.remembers(account, password: Array("p999".utf8), now: start))
        #expect(!cache.remembers(account, password: Array("p900".utf8), now: start))
        cache.forgetAll()
        #expect(cache.count == 0)
    }
}
