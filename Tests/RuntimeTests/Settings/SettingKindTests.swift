import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct SettingKindTests {
    @Test(arguments: [
        ("0", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("4h", .seconds(14_400)),
        ("2d", .seconds(172_800)), ("1_000s", .seconds(1000)),
    ])
    func readsDurations(text: String, expected: Duration) {
        #expect(SettingKind.duration(text) == expected)
    }

    @Test(arguments: ["", "5", "m", "-5m", "5 m", "5mm", "1.5h", "99999999999999999999s", "9223372036854775807d"])
    func refusesDurations(text: String) {
        #expect(SettingKind.duration(text) == nil)
    }

    @Test(arguments: [("0", 0), ("90", 90), ("64KiB", 65_536), ("35MiB", 36_700_160), ("1GiB", 1_073_741_824), ("36,700,160", 36_700_160)])
    func readsSizes(text: String, expected: Int) {
        #expect(SettingKind.bytes(text) == expected)
    }

    @Test(arguments: ["", "MiB", "-1", "1KB", "1.5MiB", "9223372036854775807KiB"])
    func refusesSizes(text: String) {
        #expect(SettingKind.bytes(text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0"), (.seconds(90), "90s"), (.seconds(300), "5m"), (.seconds(172_800), "2d"), (.milliseconds(1500), "1500ms"),
    ])
    func writesDurationsInTheGreatestUnitThatFits(duration: Duration, expected: String) {
        #expect(SettingKind.text(duration) == expected)
    }

    @Test func saysTheRangeOfAnIntegerAtItsLimits() throws {
        let kind = SettingKind.integer(1...10)
        #expect(try kind.read("1") == .integer(1))
        #expect(try kind.read("10") == .integer(10))
        for text in ["0", "11"] {
            let fault = #expect(throws: SettingFault.self) { try kind.read(text) }
            #expect(fault?.description == "\(text) is out of range: 1…10")
        }
    }

    @Test func readsAListByCommas() throws {
        let kind = SettingKind.list(.network, countMax: 2)
        #expect(try kind.read("") == .list([]))
        #expect(try kind.read("10.0.0.0/8, 192.0.2.1") == .list(["10.0.0.0/8", "192.0.2.1"].map { .network(IPNetwork($0)!) }))
        #expect(throws: SettingFault.self) { try kind.read("10.0.0.0/8,10.0.0.0/8,10.0.0.0/8") }
    }

    @Test(arguments: [("192.0.2.53", "192.0.2.53@53"), ("192.0.2.53@5353", "192.0.2.53@5353"), ("2001:db8::1", "2001:db8::1@53")])
    func readsResolvers(text: String, expected: String) {
        #expect(ResolverEndpoint(text)?.description == expected)
    }

    @Test(arguments: ["", "dns.example", "192.0.2.53@0", "192.0.2.53@65536", "192.0.2.53@", "192.0.2.53@53@53"])
    func refusesResolvers(text: String) {
        #expect(ResolverEndpoint(text) == nil)
    }
}
