import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct LDAPRangeTests {
    @Test func aRangeSaysWhatComesNext() throws {
        #expect(LDAPRange("0-1499")?.next(of: "member") == "member;range=1500-*")
        #expect(LDAPRange("1500-2999")?.next(of: "member;range=1500-*") == "member;range=3000-*")
        let end = try #require(LDAPRange("3000-*"))
        #expect(end.first == 3000 && end.next(of: "member") == nil)
    }

    @Test(arguments: [
        "", "-", "0", "0-", "-5", "5-4", "a-b", "0-1-2", "0-99999999999999999999", "0-9223372036854775807", " 0-1", "*-*", "+0-1",
    ])
    func whatIsNoRangeIsNone(_ text: String) { #expect(LDAPRange(text) == nil) }
}
