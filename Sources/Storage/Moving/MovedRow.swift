/// A row on its way from one store to another.
package struct MovedRow: Sendable {
    enum Value: Sendable {
        case null
        case number(Int64)
        case text(String)
        case bytes([UInt8])
    }

    var values: [Value]

    /// Of the row that a statement stands on.
    init(_ statement: some StoreStatement, _ columns: [MovedTable.Column]) {
        values = columns.map { column in
            switch column.kind {
            case .number: statement.readOptionalInt64().map(Value.number) ?? .null
            case .text: statement.readOptionalText().map(Value.text) ?? .null
            case .bytes: .bytes(Array(statement.readBytes()))
            }
        }
    }

    func send(_ statement: some StoreStatement) throws {
        statement.begin()
        try bind(values[...], to: statement)
    }

    /// Octets must stay where they are until the statement is handed over, so each column with some nests the rest.
    private func bind(_ rest: ArraySlice<Value>, to statement: some StoreStatement) throws {
        guard let value = rest.first else { return try statement.send() }
        switch value {
        case .null: statement.bindNull()
        case .number(let number): statement.bind(number)
        case .text(let text): statement.bind(text)
        case .bytes(let bytes):
            return try bytes.withUnsafeBytes {
                statement.bind(keeping: $0)
                try bind(rest.dropFirst(), to: statement)
            }
        }
        try bind(rest.dropFirst(), to: statement)
    }

    var byteCount: Int {
        values.reduce(16) { sum, value in
            switch value {
            case .null, .number: sum + 8
            case .text(let text): sum + text.utf8.count
            case .bytes(let bytes): sum + bytes.count
            }
        }
    }

    /// FNV-1a over the values, each after its kind and length. Sums of these do not depend on the order of the rows.
    var digest: UInt64 {
        var digest = FowlerNollVo()
        for value in values {
            switch value {
            case .null: digest.add(0)
            case .number(let number):
                digest.add(1)
                withUnsafeBytes(of: number.bigEndian) { digest.add($0) }
            case .text(var text): text.withUTF8 { digest.add(2, UnsafeRawBufferPointer($0)) }
            case .bytes(let bytes): bytes.withUnsafeBytes { digest.add(3, $0) }
            }
        }
        return digest.value
    }
}

/// The 64-bit FNV-1a hash (RFC 9923).
private struct FowlerNollVo {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ octet: UInt8) { value = (value ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
    mutating func add(_ octets: UnsafeRawBufferPointer) { for octet in octets { add(octet) } }

    mutating func add(_ kind: UInt8, _ octets: UnsafeRawBufferPointer) {
        add(kind)
        withUnsafeBytes(of: Int64(octets.count).bigEndian) { add($0) }
        add(octets)
    }
}
