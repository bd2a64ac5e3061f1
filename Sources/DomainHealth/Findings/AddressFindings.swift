import MailModel

/// What is to be said of the addresses that mail leaves from: their names, and whether these lead back.
package struct AddressFindings {
    package let sources: [AddressFacts]

    package init(sources: [AddressFacts]) { self.sources = sources }

    package var part: [DomainReport.Address] {
        sources.map { source in
            DomainReport.Address(
                source: source.source, address: source.address.description, hello: source.helloName.text,
                names: (source.names.list ?? []).map(\.text), isForwardConfirmed: isConfirmed(source),
                isHelloConfirmed: source.forward[source.helloName]?.list?.contains(source.address) ?? false)
        }
    }

    private func isConfirmed(_ source: AddressFacts) -> Bool {
        (source.names.list ?? []).contains { source.forward[$0]?.list?.contains(source.address) ?? false }
    }

    package var findings: [HealthFinding] { sources.flatMap(findings) }

    private func findings(_ source: AddressFacts) -> [HealthFinding] {
        let (address, hello) = (source.address, source.helloName)
        // Nobody outside sees such an address: what goes through a translator has the translator's names.
        guard !address.isSpecialPurpose else { return [] }
        let pointer = HealthFinding.Record(address.reverseName.text, "PTR", "\(hello).")
        let forward = HealthFinding.Record(hello.text, address.isV6 ? "AAAA" : "A", address.description)
        if source.names.isSilent {
            return [
                HealthFinding(
                    "ptr.unanswered", .warning, "DNS gave no answer for the name of \(address).",
                    why: "Receivers that ask now defer mail from it.", subject: address.description)
            ]
        }
        guard let names = source.names.list else {
            return [
                HealthFinding(
                    "ptr.missing", .error, "\(address) (source \(source.source)) has no reverse name (PTR).",
                    why: "Gmail answers 550 5.7.25 or 4.7.23, Yahoo and Outlook.com refuse or junk. Who gave you the address sets the PTR.",
                    subject: address.description, records: [pointer, forward], refusedBy: HealthFinding.bigThree)
            ]
        }
        guard isConfirmed(source) else {
            return [
                HealthFinding(
                    "ptr.forward", .error,
                    "The reverse name of \(address), \(names.map(\.text).joined(separator: ", ")), does not lead back to it.",
                    why: "Gmail asks for a forward match (4.7.23, 5.7.25).", subject: address.description, records: [pointer, forward],
                    refusedBy: ["gmail"])
            ]
        }
        var found: [HealthFinding] = []
        if source.forward[hello]?.isSilent != true, source.forward[hello]?.list?.contains(address) != true {
            found.append(
                HealthFinding(
                    "ehlo.forward", .warning, "The EHLO name \(hello) of source \(source.source) does not lead to \(address).",
                    why: "Many receivers hold the EHLO name against the address.", subject: hello.text, records: [forward]))
        } else if !names.contains(hello) {
            found.append(
                HealthFinding(
                    "ehlo.name", .advice, "Source \(source.source) says \(hello) in EHLO, and \(address) is called \(names[0]).",
                    why: "M3AAWG advises one name for both.", subject: hello.text, records: [pointer]))
        }
        return found
    }
}
