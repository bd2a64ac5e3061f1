import MailCorpus
import MailModel
import Testing

@testable import InternetMessage

@Suite struct RecipientFieldsTests {
    private func settle(_ text: String, _ recipients: String...) throws -> String {
        let content = wire(text)
        let settled = RecipientFields.settle(
            content, header: try HeaderSection.scan(content).get(), recipients: try recipients.map { try #require(EmailAddress($0)) })
        return String(decoding: settled, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    @Test func `a header that names its recipients stays as it is`() throws {
        let text = "From: a@b\nTo: =?utf-8?q?K=C3=A4the?= (x)\n <k@c.test>, \"A, B\" <ab@c.test>\nCc: g: d@c.test;\n\nTo: nobody@c.test\n"
        #expect(try settle(text, "k@c.test", "ab@c.test", "d@c.test") == text)
    }

    @Test func `who is only in the envelope goes to Bcc`() throws {
        #expect(
            try settle("From: a@b\nTo: k@c.test\n\nbody\n", "k@c.test", "x@d.test", "y@d.test")
                == "From: a@b\nTo: k@c.test\nBcc: x@d.test,\n y@d.test\n\nbody\n")
        #expect(try settle("From: a@b", "x@d.test") == "From: a@b\nBcc: x@d.test\n")
        #expect(
            try settle("From: a@b\nTo: undisclosed-recipients:;\n\n", "x@d.test").hasPrefix(
                "From: a@b\nTo: undisclosed-recipients:;\nBcc: x@d"))
    }

    @Test func `who is not in the envelope gets nothing`() throws {
        #expect(
            try settle("From: a@b\nTo: L <list@c.test>, K\n <k@c.test>, m@c.test\nCc: n@c.test\n\n", "k@c.test", "m@c.test")
                == "From: a@b\nTo: K\n <k@c.test>,\n m@c.test\n\n")
        #expect(try settle("To: list@c.test\nFrom: a@b\n\n", "k@c.test") == "From: a@b\nBcc: k@c.test\n\n")
        #expect(try settle("From: a@b\nTo: g: k@c.test, other@c.test;\n\n", "k@c.test") == "From: a@b\nBcc: k@c.test\n\n")
        #expect(try settle("From: a@b\nBcc: z@c.test\nResent-To: z@c.test\nTo: k@c.test\n\n", "k@c.test") == "From: a@b\nTo: k@c.test\n\n")
    }

    @Test func `what cannot be read is not left to others`() throws {
        #expect(try settle("From: a@b\nTo: k@c.test, broken <z@c.test\n\n", "k@c.test") == "From: a@b\nBcc: k@c.test\n\n")
    }
}
