import Foundation

/// The parameters of one execution, in the form that libpq takes: whole numbers as text (so that the server reads them as whatever the
/// column is), texts and octets as they are. Memory is kept between executions.
struct PostgresParameters: ~Copyable {
    let capacity: Int
    private(set) var count = 0
    let values: UnsafeMutablePointer<UnsafePointer<CChar>?>
    let lengths: UnsafeMutablePointer<Int32>
    let formats: UnsafeMutablePointer<Int32>
    /// Where a value lies in `scratch`; -1 for one that lies elsewhere.
    private let places: UnsafeMutablePointer<Int>
    private var scratch: UnsafeMutableRawBufferPointer
    private var used = 0

    private static let text: Int32 = 0
    private static let binary: Int32 = 1
    /// Of "-9223372036854775808" and the octet that ends it.
    private static let numberBytes = 21

    init(capacity: Int) {
        self.capacity = capacity
        values = .allocate(capacity: max(1, capacity))
        lengths = .allocate(capacity: max(1, capacity))
        formats = .allocate(capacity: max(1, capacity))
        places = .allocate(capacity: max(1, capacity))
        scratch = .allocate(byteCount: 512, alignment: 8)
    }

    deinit {
        values.deallocate()
        lengths.deallocate()
        formats.deallocate()
        places.deallocate()
        scratch.deallocate()
    }

    mutating func removeAll() {
        count = 0
        used = 0
    }

    /// Takes back those after the first `kept`.
    mutating func removeLast(keeping kept: Int) { count = min(count, kept) }

    /// Of the memory that copies lie in.
    var bytesUsed: Int { used }

    /// To be called before the values are handed over: the memory that they lie in may have moved since they were added.
    func settle() {
        for index in 0..<count where places[index] >= 0 {
            values[index] = UnsafePointer(
                scratch.baseAddress.unsafelyUnwrapped.advanced(by: places[index]).assumingMemoryBound(to: CChar.self))
        }
    }

    private mutating func append(_ value: UnsafePointer<CChar>?, place: Int, length: Int, format: Int32) {
        precondition(count < capacity, "more parameters than the statement has")
        values[count] = value
        places[count] = place
        lengths[count] = Int32(clamping: length)
        formats[count] = format
        count += 1
    }

    private mutating func reserve(_ bytes: Int) {
        guard used + bytes > scratch.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(scratch.count * 2, used + bytes), alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[..<used]))
        scratch.deallocate()
        scratch = larger
    }

    mutating func appendNull() { append(nil, place: -1, length: 0, format: PostgresParameters.text) }

    mutating func append(_ number: Int64) {
        reserve(PostgresParameters.numberBytes)
        var place = used + PostgresParameters.numberBytes - 1
        scratch[place] = 0
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            place -= 1
            scratch[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        if number < 0 {
            place -= 1
            scratch[place] = UInt8(ascii: "-")
        }
        used += PostgresParameters.numberBytes
        append(nil, place: place, length: 0, format: PostgresParameters.text)
    }

    /// PostgreSQL keeps no U+0000 in a text: U+FFFD stands for it.
    mutating func append(_ text: String) {
        var text = text
        let length = text.withUTF8 { bytes -> Int? in
            guard memchr(bytes.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped, 0, bytes.count) == nil else { return nil }
            reserve(bytes.count)
            if let source = bytes.baseAddress {
                scratch.baseAddress.unsafelyUnwrapped.advanced(by: used).copyMemory(from: source, byteCount: bytes.count)
            }
            return bytes.count
        }
        guard let length else { return append(text.replacingOccurrences(of: "\0", with: "\u{FFFD}")) }
        append(nil, place: used, length: length, format: PostgresParameters.binary)
        used += length
    }

    mutating func append(copying bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        if let source = bytes.baseAddress {
            scratch.baseAddress.unsafelyUnwrapped.advanced(by: used).copyMemory(from: source, byteCount: bytes.count)
        }
        append(nil, place: used, length: bytes.count, format: PostgresParameters.binary)
        used += bytes.count
    }

    /// The octets must stay where they are until the values are handed over.
    mutating func append(keeping bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            // Of no length, and not null.
            return append(nil, place: used, length: 0, format: PostgresParameters.binary)
        }
        append(base.assumingMemoryBound(to: CChar.self), place: -1, length: bytes.count, format: PostgresParameters.binary)
    }
}
