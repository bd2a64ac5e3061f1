import CConsoleAssets

/// The pages of `docs`, as they were when the program was built: Markdown, by name without the ending.
package enum HandbookText {
    package static let pages: [String: String] = {
        var pages: [String: String] = [:]
        while let found = handbook_page_at(pages.count) {
            let octets = UnsafeBufferPointer(start: found.pointee.bytes, count: found.pointee.length)
            pages[String(cString: found.pointee.name)] = String(decoding: octets, as: UTF8.self)
        }
        return pages
    }()
}
