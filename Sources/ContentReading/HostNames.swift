import CIDN2
import CPSL
package import ContentScan
import Glibc

/// What is registered of a name, and how a name looks to a reader.
package struct HostNames: Sendable {
    package init() {}

    package func host(_ name: String) -> LinkHost {
        let ascii = name.utf8.contains { $0 >= 0x80 } ? HostNames.ascii(name) ?? name : name
        let shown = ascii.contains("xn--") ? HostNames.shown(ascii) ?? ascii : ascii
        return LinkHost(name: ascii, shown: shown, site: site(ascii))
    }

    /// The registered domain of a name in lower case and A-labels, by the list of public suffixes; the name where it has none.
    package func site(_ name: String) -> String {
        // The result points into the name.
        name.withCString { text in
            guard let list = psl_builtin(), let found = psl_registrable_domain(list, text) else { return name }
            return String(cString: found)
        }
    }

    private static func ascii(_ name: String) -> String? {
        var result: UnsafeMutablePointer<CChar>?
        let flags = CInt(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        guard idn2_to_ascii_8z(name, &result, flags) == IDN2_OK.rawValue, let result else { return nil }
        defer { idn2_free(result) }
        return String(cString: result).lowercased()
    }

    private static func shown(_ name: String) -> String? {
        var result: UnsafeMutablePointer<CChar>?
        guard idn2_to_unicode_8z8z(name, &result, 0) == IDN2_OK.rawValue, let result else { return nil }
        defer { idn2_free(result) }
        return String(cString: result)
    }
}
