import InternetMessage

/// The `name=value` lists of signatures and key records (RFC 6376 §3.2).
struct TagList: Hashable, Sendable {
    /// Values with white space taken from their ends; folding inside is kept.
    private(set) var values: [String: [UInt8]] = [:]
    /// In the order in which they stand.
    private(set) var names: [String] = []

    /// Far more than any signature has.
    private static let tagsMax = 100

    /// Nil for a bad form, a tag that stands twice (RFC 6376 §3.2: the list is then invalid), or too many.
    init?(_ text: ArraySlice<UInt8>) {
        for tag in text.split(separator: 0x3B, omittingEmptySubsequences: false) {
            let tag = TagList.trimmed(tag)
            if tag.isEmpty { continue }
            guard let equals = tag.firstIndex(of: 0x3D) else { return nil }
            let name = TagList.trimmed(tag[..<equals])
            guard let first = name.first, TagList.isLetter(first), name.allSatisfy({ TagList.isNameByte($0) }) else { return nil }
            let key = String(decoding: name, as: UTF8.self)
            guard values[key] == nil, names.count < TagList.tagsMax else { return nil }
            values[key] = Array(TagList.trimmed(tag[(equals + 1)...]))
            names.append(key)
        }
    }

    /// The value as text; nil where the tag is missing or no UTF-8.
    func text(_ name: String) -> String? { values[name].flatMap { String(validating: $0, as: UTF8.self) } }

    /// The value without any white space, split at colons, in lower case.
    func list(_ name: String) -> [String]? {
        values[name].map { value in
            value.filter { !$0.isFoldingWhitespace }.map(\.asciiLowercased).split(separator: 0x3A, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Where the value of `b=` lies in a signature's value: what is left out when the signature is made (RFC 6376 §3.7).
    static func signatureRange(in text: ArraySlice<UInt8>) -> Range<Int>? {
        for tag in text.split(separator: 0x3B) {
            guard let equals = tag.firstIndex(of: 0x3D), trimmed(tag[..<equals]).elementsEqual([0x62]) else { continue }
            return (equals + 1)..<tag.endIndex
        }
        return nil
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = text.drop { $0.isFoldingWhitespace }
        guard let last = start.lastIndex(where: { !$0.isFoldingWhitespace }) else { return [] }
        return start[...last]
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte.asciiLowercased) }
    private static func isNameByte(_ byte: UInt8) -> Bool { isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x5F }
}
