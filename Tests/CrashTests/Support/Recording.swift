import CRecordingVFS
import Foundation

/// The log of what SQLite wrote below a directory, and the faults that it is to meet there.
///
/// `@unchecked`: the C side has a lock of its own.
final class Recording: @unchecked Sendable {
    enum Event {
        case create(file: Int)
        case write(file: Int, offset: Int, bytes: UnsafeRawBufferPointer)
        case truncate(file: Int, size: Int)
        case sync(file: Int, isGood: Bool)
        case delete(file: Int)
        case syncDirectory
        case mark(Mark)
    }

    /// The test's own lines in the log.
    enum Mark: Hashable {
        case began(commit: Int)
        case returned(commit: Int)
    }

    enum Fault: CaseIterable {
        /// Writes, truncations, syncs and deletions fail.
        case broken
        /// Writes fail for want of space.
        case full
    }

    let directory: ScratchDirectory
    private let handle: OpaquePointer

    init() throws {
        directory = try ScratchDirectory()
        guard recording_register() == 0, let handle = recording_begin(directory.path) else { throw CocoaError(.featureUnsupported) }
        self.handle = handle
    }

    deinit { recording_end(handle) }

    /// What SQLite is to open.
    func uri(_ name: String) -> String { "file:\(directory.path)/\(name)?vfs=recording" }

    var count: Int { recording_count(handle) }

    /// The octets of an event live as long as the recording.
    func event(_ index: Int) -> Event {
        let event = recording_event_at(handle, index)
        let file = Int(event.file)
        switch recording_kind(UInt32(event.kind)) {
        case RECORDING_CREATE: return .create(file: file)
        case RECORDING_WRITE:
            return .write(file: file, offset: Int(event.offset), bytes: UnsafeRawBufferPointer(start: event.data, count: event.length))
        case RECORDING_TRUNCATE: return .truncate(file: file, size: Int(event.offset))
        case RECORDING_SYNC: return .sync(file: file, isGood: event.code == 0)
        case RECORDING_DELETE: return .delete(file: file)
        case RECORDING_SYNC_DIRECTORY: return .syncDirectory
        default:
            let commit = Int(event.offset >> 1)
            return .mark(event.offset & 1 == 0 ? .began(commit: commit) : .returned(commit: commit))
        }
    }

    func name(of file: Int) -> String { recording_file(handle, Int32(file)).map { String(cString: $0) } ?? "" }

    func mark(_ mark: Mark) {
        switch mark {
        case .began(let commit): recording_mark(handle, Int64(commit) << 1)
        case .returned(let commit): recording_mark(handle, Int64(commit) << 1 | 1)
        }
    }

    /// The `nth` operation from now on meets the fault, and with `lasting` all after it.
    func fail(_ fault: Fault, nth: Int, lasting: Bool) {
        let code = fault == .broken ? RECORDING_FAULT_IO : RECORDING_FAULT_FULL
        recording_fail(handle, Int32(code.rawValue), Int64(nth), lasting ? 1 : 0)
    }

    func endFaults() { recording_fail(handle, 0, 0, 0) }
    var faultsMet: Int { Int(recording_faults_met(handle)) }
}

/// A directory in memory where there is one, gone with the value.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        let isThere = FileManager.default.isWritableFile(atPath: "/dev/shm")
        path = (isThere ? "/dev/shm" : FileManager.default.temporaryDirectory.path) + "/postern-crash-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
