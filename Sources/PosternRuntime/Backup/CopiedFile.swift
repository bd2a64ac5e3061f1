import Crypto
import Glibc
import MailModel

/// Files copied or checked piece by piece, with their digests.
enum CopiedFile {
    /// Reads a file to its end.
    static func digest(_ path: String) throws -> (bytes: Int, sha256: String) { try read(path) { _ in } }

    /// Copies a file to a new one, synced. Returns what was copied.
    static func copy(_ source: String, to target: String, mode: mode_t) throws -> (bytes: Int, sha256: String) {
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw FileError(operation: "create", path: target, code: errno) }
        defer { close(descriptor) }
        let copied = try read(source) { bytes in
            var written = 0
            while written < bytes.count {
                let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                guard count >= 0 || errno == EINTR else { throw FileError(operation: "write", path: target, code: errno) }
                written += max(count, 0)
            }
        }
        guard fchmod(descriptor, mode) == 0 else { throw FileError(operation: "set the mode of", path: target, code: errno) }
        guard fsync(descriptor) == 0 else { throw FileError(operation: "sync", path: target, code: errno) }
        return copied
    }

    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(operation: "sync", path: path, code: errno) }
    }

    private static let pieceBytes = 1 << 20

    private static func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> (bytes: Int, sha256: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { piece.deallocate() }
        var hash = SHA256()
        var bytes = 0
        while true {
            let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(operation: "read", path: path, code: errno) }
            if count == 0 { return (bytes, hash.finalize().hexadecimal) }
            let part = UnsafeRawBufferPointer(rebasing: piece[..<count])
            hash.update(bufferPointer: part)
            try body(part)
            bytes += count
        }
    }
}
