import MailCorpus
import Testing

@testable import InternetMessage

/// A generator whose numbers are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct DamagedMailTests {
    private let sample = wire(
        """
        From: "A (b)" <a@b.example>, Group: c@d (x), "e\\"" <@r:f@g>;
        Sender: a@b.example
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?B?5A==?=
         folded
        Content-Type: multipart/mixed; boundary="b1" (comment)
        Content-Transfer-Encoding: 8bit

        --b1
        Content-Type: message/rfc822

        Content-Type: multipart/digest; boundary=b2

        --b2

        From: x@y

        caf\u{E9}
        --b2--
        --b1
        Content-Transfer-Encoding: quoted-printable

        =C3=A4 \u{E4}
        --b1--

        """)

    /// Octets that mean something to one of the readers.
    private let specials = Array("\r\n\t \"()<>@,:;\\=?-.[]".utf8) + [0, 0x7F, 0xC3, 0xE4, 0xFF]

    @Test func damageNeverTrapsAndResultsKeepTheirPromises() {
        var generator = SeededGenerator(seed: 7)
        var converted = 0
        for round in 0..<3000 {
            var content = sample
            for _ in 0...(round % 8) {
                let position = Int.random(in: 0..<content.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: content[position] = specials.randomElement(using: &generator) ?? 0
                case 1: content.remove(at: position)
                default: content.insert(specials.randomElement(using: &generator) ?? 0, at: position)
                }
            }
            if case .success(let header) = HeaderSection.scan(content) {
                let facts = MessageFacts.read(content, header: header)
                #expect(FieldText.isHarmless(facts.subject) && FieldText.isHarmless(facts.headerFromText), "round \(round)")
            }
            if let sevenBit = SevenBit.convert(content) {
                #expect(!ByteScan.hasEightBit(sevenBit, in: sevenBit.indices), "round \(round)")
                converted += 1
            }
            if round % 30 == 0 {
                let report = DeliveryReport.compose(sampleRequest(content: content))
                #expect(!ByteScan.hasEightBit(report, in: report.indices), "round \(round)")
            }
        }
        #expect(converted > 500)
    }
}

extension FieldText {
    fileprivate static func isHarmless(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { isHarmless($0) } }
}
