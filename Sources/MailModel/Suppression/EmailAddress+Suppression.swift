extension EmailAddress {
    /// The form in which addresses of the suppression list are compared: the local part without case, the domain without case and with
    /// internationalised labels in Unicode, whichever form they came in. Dots and `+tags` of the local part stay: only the receiver knows
    /// whether they mean anything there.
    package var suppressionKey: String {
        guard let domain, domain.text.utf8.count > 4, domain.text.contains("xn--") else { return key }
        let labels = domain.text.split(separator: ".", omittingEmptySubsequences: false).map { label in
            label.hasPrefix("xn--") ? Punycode.decode(label.dropFirst(4))?.lowercased() ?? String(label) : String(label)
        }
        return key.prefix(key.count - domain.text.count) + labels.joined(separator: ".")
    }
}
