import Glibc
import MailModel
import Synchronization

/// Whom the attempts under way are for, until their outcomes are on disk: in a file that is mapped into memory, where the next start finds
/// them if the process dies. What a power cut leaves of it is of no meaning, and does no harm: it names recipients, and decides nothing.
final class FlightBook: Sendable {
    private struct State {
        var page: UnsafeMutableRawPointer
        var places: [RecipientID: Int] = [:]
        var free: [Int]
    }

    /// `@unchecked`: the memory is touched under the lock alone.
    private struct Kept: @unchecked Sendable {
        var state: State
    }

    private let kept: Mutex<Kept>

    /// More attempts than this are not under way at a time; those would not be noted.
    private static let placesMax = 65_536
    /// Message (8 octets; 0: a free place), index (4), tenant (4).
    private static let placeBytes = 16
    private static let bytes = placesMax * placeBytes

    /// `left`: those whose attempts were under way when the process died before.
    static func open(_ path: String) throws -> (book: FlightBook, left: [RecipientID]) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw FileError(operation: "lengthen", path: path, code: errno) }
        guard let page = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), page != MAP_FAILED else {
            throw FileError(operation: "map", path: path, code: errno)
        }
        var left: [RecipientID] = []
        for place in 0..<placesMax {
            let start = page + place * placeBytes
            let message = start.load(as: Int64.self)
            guard message != 0 else { continue }
            left.append(
                RecipientID(
                    tenant: TenantID(start.load(fromByteOffset: 12, as: Int32.self)), message: MessageID(message),
                    index: start.load(fromByteOffset: 8, as: Int32.self)))
        }
        page.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return (FlightBook(page), left)
    }

    private init(_ page: UnsafeMutableRawPointer) {
        kept = Mutex(Kept(state: State(page: page, free: Array((0..<FlightBook.placesMax).reversed()))))
    }

    deinit { _ = kept.withLock { munmap($0.state.page, FlightBook.bytes) } }

    func began(_ recipients: [RecipientID]) {
        kept.withLock { kept in
            for id in recipients where kept.state.places[id] == nil {
                guard let place = kept.state.free.popLast() else { return }
                kept.state.places[id] = place
                let start = kept.state.page + place * FlightBook.placeBytes
                start.storeBytes(of: id.index, toByteOffset: 8, as: Int32.self)
                start.storeBytes(of: id.tenant.value, toByteOffset: 12, as: Int32.self)
                start.storeBytes(of: id.message.value, as: Int64.self)
            }
        }
    }

    /// Their outcomes are on disk, or they were given back.
    func ended(_ recipients: [RecipientID]) {
        kept.withLock { kept in
            for id in recipients {
                guard let place = kept.state.places.removeValue(forKey: id) else { continue }
                (kept.state.page + place * FlightBook.placeBytes).storeBytes(of: 0, as: Int64.self)
                kept.state.free.append(place)
            }
        }
    }
}
