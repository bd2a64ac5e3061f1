/// The name of a file as its parameters give it: plain, with encoded words, or cut in pieces and escaped (RFC 2231).
struct PartName: Hashable, Sendable {
    private let parameter: String
    private var plain: [UInt8] = []
    /// By number; escapes are taken out when the name is read.
    private var pieces: [Int: (octets: [UInt8], isEscaped: Bool)] = [:]

    init(_ parameter: String) { self.parameter = parameter }

    mutating func add(_ name: String, _ value: [UInt8]) {
        guard name.hasPrefix(parameter), pieces.count < piecesMax else { return }
        var rest = name.dropFirst(parameter.count)
        if rest.isEmpty {
            plain = value
            return
        }
        guard rest.first == "*" else { return }
        rest = rest.dropFirst()
        let isEscaped = rest.isEmpty || rest.last == "*"
        if rest.last == "*" { rest = rest.dropLast() }
        guard let number = rest.isEmpty ? 0 : Int(rest), (0..<piecesMax).contains(number) else { return }
        pieces[number] = (value, isEscaped)
    }

    /// At most 200 characters.
    var text: String {
        guard !pieces.isEmpty else { return FieldText.readable(plain, 0..<plain.count, charactersMax: nameCharactersMax) }
        var octets: [UInt8] = []
        for number in pieces.keys.sorted() {
            guard let piece = pieces[number] else { continue }
            octets +=
                piece.isEscaped ? PartName.unescaped(number == 0 ? PartName.withoutCharset(piece.octets) : piece.octets) : piece.octets
        }
        return FieldText.cut(FieldText.printable(octets.prefix(4 * nameCharactersMax)), to: nameCharactersMax)
    }

    /// After `charset'language'`.
    private static func withoutCharset(_ octets: [UInt8]) -> [UInt8] {
        let marks = octets.indices.filter { octets[$0] == 0x27 }
        return marks.count < 2 ? octets : Array(octets[(marks[1] + 1)...])
    }

    private static func unescaped(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < octets.count {
            if octets[position] == 0x25, position + 2 < octets.count,
                let value = UInt8(String(decoding: octets[(position + 1)...(position + 2)], as: UTF8.self), radix: 16)
            {
                result.append(value)
                position += 3
            } else {
                result.append(octets[position])
                position += 1
            }
        }
        return result
    }

    static func == (one: PartName, other: PartName) -> Bool { one.text == other.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

private let piecesMax = 50
private let nameCharactersMax = 200

/// RFC 2183.
struct ContentDisposition: Hashable {
    var isAttachment = false
    /// Empty where there is none.
    var name = ""

    init(_ value: ArraySlice<UInt8>) {
        var reader = ParameterReader(bytes: value)
        isAttachment = reader.token() == "attachment"
        var name = PartName("filename")
        while let (parameter, value) = reader.parameter() { name.add(parameter, value) }
        self.name = name.text
    }
}
