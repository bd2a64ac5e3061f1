/// Takes in the content of one message, by DATA or BDAT, in any portions: finds its end, takes the stuffed dots out, and checks
/// it, in one pass that moves bytes in long runs.
///
/// Once a defect is found the bytes are dropped and the rest is only followed to its end, so that the dialogue stays in sync.
struct ContentCollector: Sendable {
    /// How the end of the content is marked.
    enum Framing: Sendable {
        /// By CRLF, dot, CRLF, and by nothing else (RFC 5321 §4.1.1.4, §4.5.2).
        case dotStuffed
        /// By the count in BDAT (RFC 3030).
        case counted
    }

    /// Where the next octet stands.
    private enum Place {
        case lineStart
        /// After a dot at the start of a line.
        case dot
        /// After a dot and CR at the start of a line.
        case dotReturn
        case text
        /// After a CR in the text.
        case textReturn
    }

    private let framing: Framing
    private let lineBytesMax: Int
    private let messageBytesMax: Int
    private var place = Place.lineStart
    private var lineNumber = 1
    private var lineBytes = 0
    private(set) var bytes: [UInt8] = []
    private(set) var defect: ContentDefect?
    private(set) var has8Bit = false

    /// Set aside for each message, and the most that is for a size that the client only claims.
    static let reservedBytesMin = 8000
    static let reservedBytesMax = 131_072

    /// `expectedBytes`: what the client declared; a hint for memory, nothing more.
    init(framing: Framing, lineBytesMax: Int, messageBytesMax: Int, expectedBytes: Int) {
        self.framing = framing
        self.lineBytesMax = lineBytesMax
        self.messageBytesMax = messageBytesMax
        bytes.reserveCapacity(
            min(max(expectedBytes, ContentCollector.reservedBytesMin), messageBytesMax, ContentCollector.reservedBytesMax))
    }

    /// Takes octets up to the end of the chunk or, with `dotStuffed`, of the message.
    ///
    /// `used` octets were taken; `isComplete` is true once the final dot was among them.
    mutating func consume(_ chunk: UnsafeRawBufferPointer) -> (used: Int, isComplete: Bool) {
        var position = 0
        var runStart = 0
        while position < chunk.count {
            switch place {
            case .lineStart:
                if framing == .dotStuffed, chunk[position] == ASCII.dot {
                    keep(chunk, runStart..<position)
                    position += 1
                    runStart = position
                    place = .dot
                } else {
                    place = .text
                }
            case .dot:
                if chunk[position] == ASCII.carriageReturn {
                    position += 1
                    place = .dotReturn
                } else {
                    place = .text
                }
            case .dotReturn:
                if chunk[position] == ASCII.lineFeed { return (position + 1, true) }
                note(.bareCarriageReturn(lineNumber: lineNumber))
                place = .text
            case .text: position = takeText(chunk, from: position, runStart: &runStart)
            case .textReturn:
                if chunk[position] == ASCII.lineFeed {
                    position += 1
                    endLine()
                    place = .lineStart
                } else {
                    keep(chunk, runStart..<position)
                    runStart = position
                    note(.bareCarriageReturn(lineNumber: lineNumber))
                    place = .text
                }
            }
        }
        // The CR after a lone dot belongs to the terminator, or else to a defect.
        if place != .dotReturn { keep(chunk, runStart..<position) }
        return (position, false)
    }

    /// Ends content that came by BDAT: a CR at its very end is bare, and a last line without CRLF gets one.
    mutating func finish() {
        if place == .textReturn { note(.bareCarriageReturn(lineNumber: lineNumber)) }
        guard defect == nil, place == .text else { return }
        bytes += [ASCII.carriageReturn, ASCII.lineFeed]
    }

    /// The content is not wanted any more: what is held is let go, and the rest only followed to its end.
    mutating func refuse(_ defect: ContentDefect) { note(defect) }

    /// Takes the rest of a line, or of the chunk; returns the position after it.
    private mutating func takeText(_ chunk: UnsafeRawBufferPointer, from position: Int, runStart: inout Int) -> Int {
        let lineFeed = chunk.firstOffset(of: ASCII.lineFeed, from: position, to: chunk.count)
        let end = lineFeed ?? chunk.count
        let carriageReturn = chunk.firstOffset(of: ASCII.carriageReturn, from: position, to: end)
        let textEnd = carriageReturn ?? end
        measure(chunk, position..<textEnd, runStart: &runStart)
        guard let carriageReturn else {
            guard lineFeed != nil else { return end }
            keep(chunk, runStart..<end)
            runStart = end
            note(.bareLineFeed(lineNumber: lineNumber))
            endLine()
            return end + 1
        }
        if carriageReturn + 1 == lineFeed {
            endLine()
            place = .lineStart
            return end + 1
        }
        if carriageReturn + 1 == chunk.count {
            place = .textReturn
            return chunk.count
        }
        keep(chunk, runStart..<carriageReturn + 1)
        runStart = carriageReturn + 1
        note(.bareCarriageReturn(lineNumber: lineNumber))
        return carriageReturn + 1
    }

    private mutating func endLine() {
        lineNumber &+= 1
        lineBytes = 0
    }

    /// Counts octets of the present line; a line known to be too long is measured to its end, to be named in the reply.
    private mutating func measure(_ chunk: UnsafeRawBufferPointer, _ range: Range<Int>, runStart: inout Int) {
        let room = lineBytesMax - lineBytes
        lineBytes &+= range.count
        guard lineBytes > lineBytesMax else { return }
        switch defect {
        case nil:
            let cut = range.lowerBound + max(room, 0)
            keep(chunk, runStart..<cut)
            runStart = cut
            note(.lineTooLong(bytes: lineBytes, lineNumber: lineNumber, limit: lineBytesMax))
        case .lineTooLong(_, let line, let limit) where line == lineNumber:
            defect = .lineTooLong(bytes: lineBytes, lineNumber: line, limit: limit)
        default: break
        }
    }

    /// Appends a run of octets, after looking for what may not be in it.
    private mutating func keep(_ chunk: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard defect == nil, !range.isEmpty else { return }
        let room = messageBytesMax - bytes.count
        let run = chunk.slice(range.lowerBound..<min(range.upperBound, range.lowerBound + room))
        if let offset = run.firstOffset(of: ASCII.null, from: 0, to: run.count) {
            let kept = bytes.withUnsafeBytes { $0.count(of: ASCII.lineFeed) }
            note(.nul(lineNumber: kept + run.slice(0..<offset).count(of: ASCII.lineFeed) + 1))
        } else if run.count < range.count {
            note(.tooLarge(limit: messageBytesMax))
        } else {
            if !has8Bit { has8Bit = run.containsNonASCII }
            bytes.append(contentsOf: run)
        }
    }

    /// Keeps the first defect and lets the bytes go.
    private mutating func note(_ found: ContentDefect) {
        guard defect == nil else { return }
        defect = found
        bytes = []
    }
}
