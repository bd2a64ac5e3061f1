import DeliveryPlanning
import Testing

/// What is kept of a campaign's copy, and what is told apart from a message.
@Suite struct CopyReferenceTests {
    private let reference = CopyReference(
        campaign: -7, frame: .min, attributes: ["first name": "Zoë \u{1F600}", "": "", "city": "a\u{0}b\r\n"])

    @Test func aReferenceIsReadAsItWasWritten() {
        #expect(CopyReference(reference.octets) == reference)
        let bare = CopyReference(campaign: 1, frame: 2, attributes: [:])
        #expect(CopyReference(bare.octets) == bare && bare.octets.count == 18)
        #expect(CopyReference.isOne(reference.octets))
    }

    @Test func noMessageIsTakenForOne() {
        for text in ["", "From: a@example.org\r\n\r\n", "\u{1}"] {
            #expect(!CopyReference.isOne(Array(text.utf8)) && CopyReference(Array(text.utf8)) == nil)
        }
    }

    /// Some beginnings are whole references of fewer attributes; none reads as what it is not.
    @Test func aDamagedOneIsNone() {
        let octets = reference.octets
        for count in 0..<octets.count {
            if let shorter = CopyReference(Array(octets.prefix(count))) {
                #expect(shorter.octets == Array(octets.prefix(count)), "of \(count) octets")
            }
        }
        var longer = octets
        longer += [0xFF, 0xFF, 0xFF, 0xFF]
        #expect(CopyReference(longer) == nil)
        var other = octets
        other[1] = 2
        #expect(CopyReference(other) == nil)
    }
}
