import MailAuthentication
import MailModel
import Testing

@Suite struct GroupTokenTests {
    private let key = [UInt8](repeating: 7, count: 32)
    private let now = Timestamp(milliseconds: 1_790_000_000_000)
    private let group = EmailAddress("staff@example.org")!
    private let person = EmailAddress("kim@elsewhere.test")!

    @Test func itSaysWhatItWasMadeFor() throws {
        for act in [GroupToken.Act.leave, .join, .decide] {
            let token = GroupToken(act, group: group, address: person, message: MessageID(42), expiresAt: now + .seconds(60))
            let text = try token.text(key: key)
            #expect(try GroupToken(text, key: key, at: now) == token)
            #expect(try GroupToken(text, key: key, at: now + .seconds(60)) == nil, "its time is over")
        }
        let endless = GroupToken(.leave, group: group, address: person)
        #expect(try GroupToken(try endless.text(key: key), key: key, at: now + .seconds(3_000_000_000)) == endless)
    }

    @Test func nobodyElseCanMakeOne() throws {
        let text = try GroupToken(.decide, group: group, address: person, message: MessageID(42)).text(key: key)
        #expect(try GroupToken(text, key: [UInt8](repeating: 8, count: 32), at: now) == nil)
        for index in stride(from: 0, to: text.utf8.count, by: 3) {
            var octets = Array(text.utf8)
            octets[index] = octets[index] == 0x30 ? 0x31 : 0x30
            #expect(try GroupToken(String(decoding: octets, as: UTF8.self), key: key, at: now) == nil)
        }
        for wrong in ["", "00", text.uppercased(), text + "00", String(text.dropLast()), String(repeating: "0", count: 2000), "zz"] {
            #expect(try GroupToken(wrong, key: key, at: now) == nil)
        }
    }
}
