import Glibc

/// Makes UTF-8 of the character sets that mail has.
enum CharsetReader {
    /// Never fails: what is not defined becomes U+FFFD, and an unknown set is read as windows-1252 or UTF-8, whichever fits.
    static func utf8(_ bytes: [UInt8], charset: String) -> [UInt8] {
        switch charset {
        case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit": return unlabelled(bytes)
        default: break
        }
        guard let name = names[charset] else { return unlabelled(bytes) }
        let needsConverter = !isASCIICompatible(charset) || bytes.contains { $0 >= 0x80 || $0 == 0x1B }
        guard needsConverter else { return bytes }
        return converted(bytes, from: name) ?? unlabelled(bytes)
    }

    private static func unlabelled(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
        if String(validating: bytes, as: UTF8.self) != nil { return bytes }
        return converted(bytes, from: "WINDOWS-1252") ?? Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    private static func isASCIICompatible(_ charset: String) -> Bool { !charset.hasPrefix("utf-16") && charset != "utf-7" }

    /// Nil where the C library does not have the set.
    private static func converted(_ bytes: [UInt8], from name: String) -> [UInt8]? {
        guard let handle = iconv_open("UTF-8", name), handle != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(handle) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2)
        var input = bytes
        input.withUnsafeMutableBytes { source in
            var next = source.baseAddress?.assumingMemoryBound(to: CChar.self)
            var left = source.count
            while left > 0 {
                let before = left
                let isIllegal = fill(&output, handle, &next, &left)
                if isIllegal || left == before {
                    output += [0xEF, 0xBF, 0xBD]
                    next = next.map { $0 + 1 }
                    left -= 1
                }
            }
        }
        return output
    }

    /// Converts one bufferful. True where it stopped at octets that the set does not define.
    private static func fill(
        _ output: inout [UInt8], _ handle: iconv_t, _ next: inout UnsafeMutablePointer<CChar>?, _ left: inout Int
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8_192) { buffer in
            var target = buffer.baseAddress
            var room = buffer.count
            let result = iconv(handle, &next, &left, &target, &room)
            let failure = errno
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<(buffer.count - room)]))
            return result == -1 && failure != E2BIG
        }
    }

    /// What mail calls them, and what the C library does. Nothing else is asked for: a name from a message would be a path to it.
    private static let names: [String: String] = {
        var names = [
            "latin1": "WINDOWS-1252", "iso8859-1": "WINDOWS-1252", "iso_8859-1": "WINDOWS-1252", "iso-8859-1": "WINDOWS-1252",
            "iso-8859-8-i": "ISO-8859-8", "ks_c_5601-1987": "CP949", "ks_c_5601": "CP949", "euc-kr": "CP949", "gb2312": "GB18030",
            "gbk": "GB18030", "gb18030": "GB18030", "gb_2312-80": "GB18030", "big5": "BIG5-HKSCS", "big5-hkscs": "BIG5-HKSCS",
            "shift_jis": "CP932", "shift-jis": "CP932", "x-sjis": "CP932", "euc-jp": "EUC-JP", "iso-2022-jp": "ISO-2022-JP-2",
            "koi8-r": "KOI8-R", "koi8-u": "KOI8-U", "macintosh": "MACINTOSH", "tis-620": "TIS-620", "utf-7": "UTF-7", "utf-16": "UTF-16",
            "utf-16le": "UTF-16LE", "utf-16be": "UTF-16BE",
        ]
        for number in 1250...1258 { (names["windows-\(number)"], names["cp\(number)"]) = ("CP\(number)", "CP\(number)") }
        for number in 2...16 where number != 12 { names["iso-8859-\(number)"] = "ISO-8859-\(number)" }
        return names
    }()
}
