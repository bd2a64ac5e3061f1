import Glibc

/// Whether the disk has room enough to take more mail.
package struct DiskGuard: Sendable {
    package var path: String
    package var freeBytesMin: Int64
    package var freeFilesMin: Int64

    package init(path: String, freeBytesMin: Int64 = 256 * 1024 * 1024, freeFilesMin: Int64 = 1000) {
        self.path = path
        self.freeBytesMin = freeBytesMin
        self.freeFilesMin = freeFilesMin
    }

    package enum Verdict: Hashable, Sendable {
        case enough
        /// Submission answers 452 until this is over.
        case short(freeBytes: Int64)
        case shortOfFiles(freeFiles: Int64)
        /// The file system does not answer: to be treated as short. `code` is the errno.
        case unknown(code: Int32)
    }

    /// Asks the file system: microseconds on a local disk. Not on an event loop.
    package func check() -> Verdict {
        var space = statvfs()
        guard statvfs(path, &space) == 0 else { return .unknown(code: errno) }
        let (freeBytes, overflowed) = Int64(clamping: space.f_bavail).multipliedReportingOverflow(by: Int64(clamping: space.f_frsize))
        let free = overflowed ? Int64.max : freeBytes
        if free < freeBytesMin { return .short(freeBytes: free) }
        // A file system that numbers files as it goes (btrfs) reports none at all.
        let files = Int64(clamping: space.f_favail)
        if space.f_files > 0, files < freeFilesMin { return .shortOfFiles(freeFiles: files) }
        return .enough
    }
}
