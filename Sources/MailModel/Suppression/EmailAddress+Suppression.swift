extension EmailAddress {
    /// The form in which addresses of the suppression list are compared: the local part without case, the domain without case and with
    /// internationalised labels in Unicode, whichever form they came in. Dots and `+tags` of the local part stay: only the receiver knows
    /// whether they mean anything there.
    package var suppressionKey: String {
        guard let domain, hasEncodedLabel(domain.text) else { return key }
        let labels = domain.text.split(separator: ".", omittingEmptySubsequences: false).map { label in
            label.hasPrefix("xn--") ? Punycode.decode(label.dropFirst(4))?.lowercased() ?? String(label) : String(label)
        }
        return key.prefix(key.count - domain.text.count) + labels.joined(separator: ".")
    }

    /// Whether a label begins with `xn--`. Asked before every attempt: a search of the whole text would be most of a look-up.
    private func hasEncodedLabel(_ domain: String) -> Bool {
        var matched = 0
        for octet in domain.utf8 {
            if octet == 0x2E {
                matched = 0
            } else if matched >= 0, octet == (matched == 0 ? 0x78 : matched == 1 ? 0x6E : 0x2D) {
                matched += 1
                if matched == 4 { return true }
            } else {
                matched = -1
            }
        }
        return false
    }
}
