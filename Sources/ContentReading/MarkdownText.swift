import CCMark
import Glibc

/// CommonMark as HTML. Raw HTML in the text, and links to scripts, are left out.
package enum MarkdownText {
    /// Tags of templates (`{{name}}`) stay as they are, in addresses of links too.
    package static func html(_ text: String) -> String {
        var text = text
        let html = text.withUTF8 { octets in
            octets.withMemoryRebound(to: CChar.self) { characters in
                cmark_markdown_to_html(characters.baseAddress, characters.count, CMARK_OPT_DEFAULT)
            }
        }
        guard let html else { return "" }
        defer { free(html) }
        return String(cString: html).replacing("%7B%7B", with: "{{").replacing("%7D%7D", with: "}}")
    }
}
