import MailCorpus
import Testing

@testable import InternetMessage

@Suite struct SevenBitTests {
    private func convert(_ text: String) -> String? { SevenBit.convert(wire(text)).map { String(decoding: $0, as: UTF8.self) } }

    @Test func sevenBitMessagesStayOctetForOctet() {
        let text = "Content-Transfer-Encoding: 8bit\r\nX:  odd \r\n\r\n body \r\n"
        #expect(SevenBit.convert(Array(text.utf8)) == Array(text.utf8))
    }

    @Test func aLeafBecomesQuotedPrintable() {
        #expect(
            convert(
                "From: a@b\nContent-Transfer-Encoding: 8bit\nX: y\n\nGr\u{FC}\u{DF}e= \nxxxxxxxxxxxxxxxxxxxxxxxxxxx\n--not a boundary\n")
                == "From: a@b\r\nContent-Transfer-Encoding: quoted-printable\r\nX: y\r\nMIME-Version: 1.0\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
                + "Gr=C3=BC=C3=9Fe=3D=20\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n=2D-not a boundary\r\n")
    }

    @Test func mostlyEightBitTextBecomesBase64() {
        let converted = convert(
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\(String(repeating: "\u{E4}", count: 100))\n")
        let lines = converted?.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init) ?? []
        #expect(
            lines.prefix(4) == ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", ""])
        #expect(lines.dropFirst(4).allSatisfy { $0.count <= 76 } && lines.last == "")
    }

    @Test func unlabelledTextThatIsNoUTF8IsCalledSo() {
        let content = Array("From: a@b\r\n\r\nxxxxxxxxxxxxx".utf8) + [0xE4, 0x0D, 0x0A]
        let converted = SevenBit.convert(content).map { String(decoding: $0, as: UTF8.self) }
        #expect(converted?.contains("charset=unknown-8bit\r\n") == true)
    }

    private let multipart = """
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b 1"
        Content-Transfer-Encoding: 8bit

        pre\u{E4}mble
        --b 1
        Content-Type: text/plain; charset=utf-8

        caf\u{E9}, and enough other text
        --b 1
        Content-Type: message/rfc822
        Content-Transfer-Encoding: 8BIT

        Subject: inner
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        na\u{EF}ve, and enough other text
        --b 1
        Content-Transfer-Encoding: 8bit

        ascii
        --b 1--
        epilogue

        """

    @Test func labelsOfContainersFollow() throws {
        let converted = try #require(convert(multipart))
        #expect(converted.utf8.allSatisfy { $0 < 0x80 })
        #expect(
            converted.hasPrefix(
                "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b 1\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"))
        #expect(converted.contains("pre??mble\r\n--b 1\r\n"))
        #expect(converted.contains("\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9, and"))
        #expect(converted.contains("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nSubject: inner\r\n"))
        #expect(converted.contains("na=C3=AFve, and enough other text\r\n--b 1\r\n"))
        #expect(converted.hasSuffix("\r\nContent-Transfer-Encoding: 7bit\r\n\r\nascii\r\n--b 1--\r\nepilogue\r\n"))
    }

    @Test(arguments: [
        "Subject: \u{E4}\n\nx\n",
        "Content-Type: multipart/signed; boundary=b\n\n--b\n\n\u{E4}\n--b--\n",
        "Content-Type: multipart/mixed\n\n--b\n\n\u{E4}\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n\u{E4}\n",
        "Content-Type: message/partial\n\n\u{E4}\n",
        "Content-Type: message/rfc822\n\nSubject: \u{E4}\n\n",
        "Content-Transfer-Encoding: base64\n\n\u{E4}\n",
        "Content-Transfer-Encoding: x-uuencode\n\n\u{E4}\n",
        "Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: base64\n\n\u{E4}\n",
        "Content-Type: text/plain\nContent-Type: text/html\n\n\u{E4}\n",
        "no header\n\n\u{E4}\n",
    ])
    func whatCannotBeConvertedIsLeft(_ text: String) {
        #expect(convert(text) == nil)
    }

    @Test func rawOctetsInQuotedPrintableAreEscaped() {
        #expect(
            convert("Content-Transfer-Encoding: quoted-printable\n\na=3D\u{E9}\n")
                == "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3D=C3=A9\r\n")
    }

    private func nested(_ depth: Int) -> [UInt8] {
        wire(String(repeating: "Content-Type: message/rfc822\n\n", count: depth - 1) + "A: b\n\n\u{E4}\n")
    }

    @Test func depthAndPartsHaveLimits() {
        let limits = SevenBit.Limits(depthMax: 4, partsMax: 5)
        #expect(SevenBit.convert(nested(4), limits: limits) != nil)
        #expect(SevenBit.convert(nested(5), limits: limits) == nil)
        func wide(_ parts: Int) -> [UInt8] {
            wire("Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\n\u{E4}\n", count: parts) + "--b--\n")
        }
        #expect(SevenBit.convert(wide(3), limits: limits) != nil)
        #expect(SevenBit.convert(wide(5), limits: limits) == nil)
    }

    @Test func linesOfQuotedPrintableFit() {
        for width in 1...90 {
            let encoded = QuotedPrintable.encode(Array((String(repeating: "a", count: width) + "\u{E9}- --x \r\n").utf8)[...])
            let lines = String(decoding: encoded, as: UTF8.self).components(separatedBy: "\r\n")
            #expect(lines.allSatisfy { $0.utf8.count <= 76 && !$0.hasPrefix("--") })
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
