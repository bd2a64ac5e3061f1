/// The body of a multipart entity cut at its boundary lines (RFC 2046 §5.1.1). Ranges are of the content.
struct MultipartBody {
    /// In order, and together the whole body: what lies between the parts, and the parts.
    enum Piece: Hashable {
        /// Preamble or epilogue: no reader shows it.
        case unseen(Range<Int>)
        /// A boundary line with the line end before it, which belongs to it.
        case boundary(Range<Int>)
        case part(Range<Int>)
    }

    private(set) var pieces: [Piece] = []

    /// Nil where there is no boundary line, or more than `partsMax` parts.
    init?(_ content: [UInt8], in range: Range<Int>, boundary: [UInt8], partsMax: Int) {
        var position = range.lowerBound
        var pieceStart = position
        var isInPart = false
        var parts = 0
        while position < range.upperBound {
            let lineEnd = content.withUnsafeBufferPointer { ByteScan.endOfLine($0, in: position..<range.upperBound) }
            if let isLast = MultipartBody.isBoundary(content[position..<lineEnd], boundary) {
                let delimiterStart = max(pieceStart, MultipartBody.beforeLineEnd(content, position, range.lowerBound))
                append(pieceStart..<delimiterStart, isPart: isInPart)
                pieces.append(.boundary(delimiterStart..<lineEnd))
                pieceStart = lineEnd
                isInPart = !isLast
                parts += 1
                guard parts <= partsMax else { return nil }
                if isLast { break }
            }
            position = lineEnd
        }
        guard parts > 0 else { return nil }
        append(pieceStart..<range.upperBound, isPart: isInPart)
    }

    private mutating func append(_ range: Range<Int>, isPart: Bool) {
        if isPart {
            pieces.append(.part(range))
        } else if !range.isEmpty {
            pieces.append(.unseen(range))
        }
    }

    /// Nil for another line; true for the closing one. Spaces at its end are let pass (RFC 2046 §5.1.1).
    private static func isBoundary(_ line: ArraySlice<UInt8>, _ boundary: [UInt8]) -> Bool? {
        guard line.count >= boundary.count + 2, line.starts(with: [0x2D, 0x2D]), line.dropFirst(2).starts(with: boundary) else {
            return nil
        }
        var rest = line.dropFirst(boundary.count + 2)
        let isLast = rest.starts(with: [0x2D, 0x2D])
        if isLast { rest = rest.dropFirst(2) }
        return rest.allSatisfy(\.isFoldingWhitespace) ? isLast : nil
    }

    /// The line end before `position`, not reaching below `floor`.
    private static func beforeLineEnd(_ content: [UInt8], _ position: Int, _ floor: Int) -> Int {
        guard position > floor, content[position - 1] == 0x0A else { return position }
        return position - 1 > floor && content[position - 2] == 0x0D ? position - 2 : position - 1
    }
}
