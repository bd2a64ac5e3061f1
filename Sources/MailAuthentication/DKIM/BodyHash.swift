import InternetMessage

/// SHA-256 of a canonical body (RFC 6376 §3.4.3, §3.4.4), in one pass; octets that the form leaves alone go to the digest from where they
/// lie.
struct BodyHash: Hashable, Sendable {
    let digest: [UInt8]
    /// Octets of the whole canonical body, beyond a limit too.
    let canonicalBytes: Int

    /// `bytesMax`: octets that are hashed, the `l=` of a signature; nil for all.
    init(_ content: [UInt8], from bodyStart: Int, form: Canonicalization, bytesMax: Int? = nil) throws(CryptoError) {
        precondition((0...content.count).contains(bodyStart))
        var hasher = try BodyHasher(remaining: bytesMax ?? .max)
        content.withUnsafeBufferPointer { bytes in
            let body = bodyStart..<bytes.count
            switch form {
            case .simple: hasher.simple(bytes, body)
            case .relaxed: hasher.relaxed(bytes, body)
            }
        }
        canonicalBytes = hasher.count
        digest = hasher.finish()
    }
}

private struct BodyHasher: ~Copyable {
    private let digest: SHA256Digest
    private(set) var count = 0
    private var remaining: Int
    /// Octets that stand as they will be hashed, and are not hashed yet.
    private var run = 0..<0

    init(remaining: Int) throws(CryptoError) {
        digest = try SHA256Digest()
        self.remaining = remaining
    }

    consuming func finish() -> [UInt8] { digest.finish() }

    /// All lines as they are, but for empty ones at the end; an empty body is one empty line.
    mutating func simple(_ bytes: UnsafeBufferPointer<UInt8>, _ body: Range<Int>) {
        var end = body.upperBound
        while end - 2 >= body.lowerBound, bytes[end - 1] == 0x0A, bytes[end - 2] == 0x0D { end -= 2 }
        add(bytes, body.lowerBound..<end)
        lineEnds(1)
    }

    /// White space within lines reduced to one space and taken from their ends, empty lines at the end dropped.
    mutating func relaxed(_ bytes: UnsafeBufferPointer<UInt8>, _ body: Range<Int>) {
        run = body.lowerBound..<body.lowerBound
        var position = body.lowerBound
        var emptyLines = 0
        var areEmptyLinesBare = true
        while position < body.upperBound {
            let lineEnd = ByteScan.endOfLine(bytes, in: position..<body.upperBound)
            let textEnd = endOfText(bytes, position..<lineEnd)
            var trimmedEnd = textEnd
            while trimmedEnd > position, bytes[trimmedEnd - 1].isWhitespace { trimmedEnd &-= 1 }
            let hasCRLF = lineEnd &- textEnd == 2
            if trimmedEnd == position {
                emptyLines += 1
                areEmptyLinesBare = areEmptyLinesBare && hasCRLF && textEnd == position
            } else {
                if emptyLines > 0 { skipEmptyLines(bytes, emptyLines, areBare: areEmptyLinesBare, before: position) }
                emptyLines = 0
                areEmptyLinesBare = true
                if hasCRLF, trimmedEnd == textEnd, !hasWideSpace(bytes, position..<textEnd) {
                    extendRun(bytes, position..<lineEnd)
                } else {
                    flushRun(bytes)
                    addReduced(bytes, position..<trimmedEnd)
                    run = lineEnd..<lineEnd
                }
            }
            position = lineEnd
        }
        flushRun(bytes)
    }

    private func endOfText(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Int {
        guard !line.isEmpty, bytes[line.upperBound - 1] == 0x0A else { return line.upperBound }
        return line.count > 1 && bytes[line.upperBound - 2] == 0x0D ? line.upperBound - 2 : line.upperBound - 1
    }

    /// True for a tab, or two spaces in a row.
    private func hasWideSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Bool {
        var previous: UInt8 = 0
        for position in line {
            let byte = bytes[position]
            if byte == 0x09 || byte == 0x20 && previous == 0x20 { return true }
            previous = byte
        }
        return false
    }

    /// Empty lines turn out to stand before more text.
    private mutating func skipEmptyLines(_ bytes: UnsafeBufferPointer<UInt8>, _ lines: Int, areBare: Bool, before position: Int) {
        if areBare {
            extendRun(bytes, (position - 2 * lines)..<position)
        } else {
            flushRun(bytes)
            lineEnds(lines)
            run = position..<position
        }
    }

    private mutating func extendRun(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        if run.upperBound != range.lowerBound {
            flushRun(bytes)
            run = range
        } else {
            run = run.lowerBound..<range.upperBound
        }
    }

    private mutating func flushRun(_ bytes: UnsafeBufferPointer<UInt8>) {
        add(bytes, run)
        run = run.upperBound..<run.upperBound
    }

    private mutating func addReduced(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) {
        var reduced: [UInt8] = []
        reduced.reserveCapacity(line.count + 2)
        var isAfterSpace = false
        for position in line {
            let isSpace = bytes[position].isWhitespace
            if !isSpace || !isAfterSpace { reduced.append(isSpace ? 0x20 : bytes[position]) }
            isAfterSpace = isSpace
        }
        reduced += [0x0D, 0x0A]
        reduced.withUnsafeBufferPointer { add($0, 0..<$0.count) }
    }

    private mutating func lineEnds(_ lines: Int) {
        let lineEnd: [UInt8] = [0x0D, 0x0A]
        for _ in 0..<lines { lineEnd.withUnsafeBufferPointer { add($0, 0..<2) } }
    }

    private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        count += range.count
        let taken = min(range.count, remaining)
        guard taken > 0 else { return }
        remaining -= taken
        digest.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range.lowerBound..<(range.lowerBound + taken)]))
    }
}
