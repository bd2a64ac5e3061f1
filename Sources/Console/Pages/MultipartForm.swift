/// A file that a form sent.
package struct FormFile: Sendable {
    /// As the browser names it; may be empty.
    package var name: String
    package var octets: [UInt8]
}

/// Reads `multipart/form-data` (RFC 7578) that is in memory as a whole.
struct MultipartForm {
    private static let partsMax = 100
    private static let headBytesMax = 4096

    private(set) var fields: [(name: String, value: String)] = []
    private(set) var files: [(name: String, file: FormFile)] = []

    /// Nil for what is none. `contentType`: as it came, with its boundary.
    init?(_ octets: [UInt8], contentType: String) {
        guard let boundary = MultipartForm.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count) else {
            return nil
        }
        let line = Array("--\(boundary)".utf8)
        guard octets.starts(with: line) else { return nil }
        var rest = octets[line.count...]
        let between = [0x0D, 0x0A] + line
        while !rest.starts(with: [0x2D, 0x2D]) {
            guard fields.count + files.count < MultipartForm.partsMax, rest.starts(with: [0x0D, 0x0A]),
                let end = MultipartForm.find(between, in: rest.dropFirst(2)), add(rest.dropFirst(2)[..<end])
            else { return nil }
            rest = rest[(end + between.count)...]
        }
    }

    private mutating func add(_ part: ArraySlice<UInt8>) -> Bool {
        let gap: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard let end = MultipartForm.find(gap, in: part.prefix(MultipartForm.headBytesMax)) else { return false }
        let head = String(decoding: part[..<end], as: UTF8.self)
        let content = part[(end + gap.count)...]
        guard
            let field = head.split(whereSeparator: \.isNewline).first(where: {
                $0.lowercased().hasPrefix("content-disposition:")
            }), let name = MultipartForm.parameter("name", of: String(field))
        else { return false }
        if let file = MultipartForm.parameter("filename", of: String(field)) {
            files.append((name, FormFile(name: file, octets: Array(content))))
            return true
        }
        guard let value = String(validating: content, as: UTF8.self) else { return false }
        fields.append((name, value))
        return true
    }

    /// `name="value"` or `name=value`, behind a semicolon.
    private static func parameter(_ name: String, of text: String) -> String? {
        for part in text.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }).lowercased() == name else { continue }
            var value = pair[1]
            while value.last?.isWhitespace == true { value.removeLast() }
            if value.first == "\"", value.last == "\"", value.count >= 2 { value = value.dropFirst().dropLast() }
            return String(value)
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in octets: ArraySlice<UInt8>) -> Int? {
        octets.withUnsafeBufferPointer { buffer in
            guard buffer.count >= pattern.count, let first = pattern.first else { return nil }
            var place = 0
            while place <= buffer.count - pattern.count {
                if buffer[place] == first, pattern.indices.allSatisfy({ buffer[place + $0] == pattern[$0] }) {
                    return octets.startIndex + place
                }
                place += 1
            }
            return nil
        }
    }
}
