import InternetMessage
import MailModel
import Testing

/// What a discussion list does to a message.
@Suite struct ListEditsTests {
    private let original = """
        Received: from a by b\r
        DKIM-Signature: v=1; d=example.com;\r
         b=xyz\r
        List-Id: <other.example.com>\r
        Disposition-Notification-To: ada@example.com\r
        From: "Ada, Countess" <ada@example.com>\r
        Sender: secretary@example.com\r
        To: staff@example.org\r
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r
        \r
        Hello\r

        """

    private func edited(_ content: String, _ edit: (inout ListEdits) -> Void = { _ in }) -> String {
        var edits = ListEdits(
            address: EmailAddress("staff@example.org")!, title: "Staff", id: "staff.example.org", prefix: nil, rewritesFrom: false,
            answersGoToList: false, fields: [ComposedMessage.Header(name: "List-Post", value: "<mailto:staff@example.org>")])
        edit(&edits)
        let octets = Array(content.utf8)
        guard case .success(let header) = HeaderSection.scan(octets) else { return "unreadable" }
        let from = header.first("from", in: octets)?.text(in: octets) ?? ""
        return String(decoding: edits.applied(to: octets, header: header, author: from), as: UTF8.self)
    }

    private func values(_ name: String, _ content: String) -> [String] {
        let octets = Array(content.utf8)
        guard case .success(let header) = HeaderSection.scan(octets) else { return [] }
        return header.fields.filter { $0.isNamed(name, in: octets) }.map { $0.text(in: octets) }
    }

    @Test func itStandsAsItCameButForTheListsFields() {
        let text = edited(original)
        #expect(values("list-id", text) == ["Staff <staff.example.org>"])
        #expect(values("list-post", text) == ["<mailto:staff@example.org>"])
        #expect(values("precedence", text) == ["list"])
        #expect(values("from", text) == ["\"Ada, Countess\" <ada@example.com>"])
        #expect(values("dkim-signature", text).count == 1, "nothing that it signs was changed")
        #expect(values("disposition-notification-to", text).isEmpty, "all members would answer")
        #expect(values("reply-to", text).isEmpty)
        #expect(text.hasSuffix("\r\n\r\nHello\r\n"))
    }

    @Test func fromSaysTheListWhereTheAuthorsDomainWouldBeRefused() {
        let text = edited(original) { $0.rewritesFrom = true }
        #expect(values("from", text) == ["\"Ada, Countess via Staff\" <staff@example.org>"])
        #expect(values("reply-to", text) == ["\"Ada, Countess\" <ada@example.com>"])
        #expect(values("x-original-from", text) == ["\"Ada, Countess\" <ada@example.com>"])
        #expect(values("sender", text).isEmpty && values("dkim-signature", text).isEmpty)
    }

    @Test func answersAndSubject() {
        let text = edited(original) {
            $0.answersGoToList = true
            $0.prefix = "Staff"
        }
        #expect(values("reply-to", text) == ["<staff@example.org>"])
        #expect(values("subject", text) == ["[Staff] Grüße"])
        let again = edited(text) { $0.prefix = "Staff" }
        #expect(values("subject", again) == ["[Staff] Grüße"], "once is enough")
        let none = edited("From: a@b.test\r\n\r\nx") { $0.prefix = "Staff" }
        #expect(values("subject", none) == ["[Staff] (no subject)"])
    }

    @Test func namesCannotBreakOutOfTheirField() {
        let nasty = "From: =?utf-8?Q?x=0D=0ABcc:_a=22=5C?= <eve@example.com>\r\n\r\nx"
        let text = edited(nasty) { $0.rewritesFrom = true }
        #expect(values("bcc", text).isEmpty)
        #expect(values("from", text).count == 1)
        let octets = Array(text.utf8)
        guard case .success(let header) = HeaderSection.scan(octets), let from = header.first("from", in: octets),
            case .success(let addresses) = AddressList.parse(octets, in: from.value)
        else {
            Issue.record("unreadable: \(text)")
            return
        }
        #expect(addresses == [EmailAddress("staff@example.org")!])
    }
}
