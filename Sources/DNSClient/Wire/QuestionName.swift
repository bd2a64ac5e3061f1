import CIDN2
import MailModel

extension DomainName {
    /// The name in A-labels (RFC 5890; UTS 46 non-transitional, as browsers and providers map it): what a DNS question carries.
    ///
    /// Nil for an internationalised name that has no A-label form. Such a name cannot exist in the DNS.
    package var asciiForm: String? {
        guard !isASCII else { return text }
        var output: UnsafeMutablePointer<CChar>?
        let flags = CInt(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        guard idn2_to_ascii_8z(text, &output, flags) == CInt(IDN2_OK.rawValue), let output else { return nil }
        defer { idn2_free(output) }
        let ascii = String(cString: output)
        return ascii.utf8.count <= 253 ? ascii : nil
    }
}
