import MailModel
import OwnThreads
import Testing

@testable import Storage

@Suite(.ownThreads) struct RowTextTests {
    @Test(arguments: [
        SMTPReply(250, nil, ""), SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Ok"), SMTPReply(550, nil, "5.1.1 looks like a code"),
        SMTPReply(451, EnhancedStatusCode(4, 999, 999), ["", "  two", "", "-"]), SMTPReply(599, nil, "ünï"),
    ])
    func aReplyReadsBack(_ reply: SMTPReply) throws {
        #expect(try RowText.reply(RowText.text(reply)) == reply)
    }

    @Test(arguments: ["", "250", "250 -", "abc - x", "250 9.9.9 x", "1000 - x"])
    func aDamagedReplyIsAnErrorNotAGuess(_ text: String) {
        #expect(throws: StoreError.self) { try RowText.reply(text) }
    }

    @Test func aFilterHoldsWhatWasPutInAndLittleElse() {
        var filter = TraceFilter(day: 1, bucket: 1, firstMessage: MessageID(1), keyCount: 1)
        for number in 0..<TraceFilter.keyCountMax { filter.insert(.recipient("r\(number)@example.net")) }
        let (missing, chance) = filter.bits.withUnsafeBytes { bits in
            (
                (0..<TraceFilter.keyCountMax).filter { !TraceFilter.mayContain(.recipient("R\($0)@EXAMPLE.net"), in: bits) }.count,
                (0..<10_000).filter { TraceFilter.mayContain(.recipient("other\($0)@example.net"), in: bits) }.count
            )
        }
        #expect(missing == 0)
        #expect(chance < 150, "one in 200 is expected")
    }

    @Test func aKeyIsTheSameOnEveryMachineAndDay() {
        #expect(TraceKey.recipient("a@example.org").hash == TraceKey.recipient("A@EXAMPLE.ORG").hash)
        #expect(TraceKey.recipient("Ä@example.org").hash == TraceKey.recipient("ä@example.org").hash)
        #expect(TraceKey.sender("a@example.org").hash != TraceKey.recipient("a@example.org").hash)
        #expect(TraceKey.recipient("a@example.org").hash == 11_236_168_857_705_922_511)
    }
}
