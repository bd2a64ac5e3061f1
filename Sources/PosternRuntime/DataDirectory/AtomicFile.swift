package import Glibc

/// A file operation that the system refused: which, where and why.
package struct FileError: Error, CustomStringConvertible {
    package var operation: String
    package var path: String
    package var code: Int32

    package var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}

/// Files that are there whole or not at all: written beside their place, synced, renamed, and the directory synced.
package enum AtomicFile {
    /// Replaces whatever stands at `path`.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw FileError(operation: "create", path: temporary, code: errno) }
        do {
            defer { close(descriptor) }
            // The umask may have taken bits away, and an earlier try may have left the file with others.
            guard fchmod(descriptor, mode) == 0 else { throw FileError(operation: "set the mode of", path: temporary, code: errno) }
            try writeAll(bytes, descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw FileError(operation: "sync", path: temporary, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw FileError(operation: "put in place", path: path, code: code)
        }
        try syncDirectory(of: path)
    }

    /// The whole file; throws where it is longer than `bytesMax`.
    package static func read(_ path: String, bytesMax: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(operation: "read", path: path, code: errno)
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= bytesMax else { throw FileError(operation: "read", path: path, code: EFBIG) }
            bytes += buffer[..<count]
        }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes the directory and those above it that are missing, all with `mode`.
    package static func makeDirectory(_ path: String, mode: mode_t) throws {
        if mkdir(path, mode) == 0 {
            try syncDirectory(of: path)
            return
        }
        switch errno {
        case EEXIST:
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileError(operation: "make the directory", path: path, code: errno) }
            close(descriptor)
        case ENOENT:
            let parent = directory(of: path)
            guard parent != path else { throw FileError(operation: "make the directory", path: path, code: ENOENT) }
            try makeDirectory(parent, mode: mode)
            try makeDirectory(path, mode: mode)
        default: throw FileError(operation: "make the directory", path: path, code: errno)
        }
    }

    static func directory(of path: String) -> String {
        var rest = path[...]
        while rest.count > 1, rest.last == "/" { rest = rest.dropLast() }
        guard let slash = rest.lastIndex(of: "/") else { return "." }
        return slash == rest.startIndex ? "/" : String(rest[..<slash])
    }

    private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32, path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(operation: "write", path: path, code: errno)
            }
            written += count
        }
    }

    private static func syncDirectory(of path: String) throws {
        let parent = directory(of: path)
        let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: parent, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(operation: "sync", path: parent, code: errno) }
    }
}
