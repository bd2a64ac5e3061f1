import CLibArchive

/// Takes gzip and zip apart with libarchive: in memory, nothing is written, names within are not used.
enum ReportArchive {
    static func expand(_ octets: [UInt8]) -> Result<[[UInt8]], ReportFault> {
        guard let archive = archive_read_new() else { return .failure(ReportFault("there is no memory for it")) }
        defer { archive_read_free(archive) }
        archive_read_support_filter_gzip(archive)
        archive_read_support_format_zip(archive)
        // What gzip holds by itself has no form of an archive.
        archive_read_support_format_raw(archive)
        return octets.withUnsafeBytes { bytes in
            guard archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK else { return .failure(fault(archive)) }
            return entries(archive)
        }
    }

    private static func entries(_ archive: OpaquePointer) -> Result<[[UInt8]], ReportFault> {
        var entries: [[UInt8]] = []
        var room = ReportLimits.expandedBytesMax
        var entry: OpaquePointer?
        for _ in 0..<ReportLimits.entriesMax {
            let code = archive_read_next_header(archive, &entry)
            if code == ARCHIVE_EOF { return .success(entries) }
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN else { return .failure(fault(archive)) }
            switch content(archive, room: room) {
            case .failure(let fault): return .failure(fault)
            case .success(let octets):
                room -= octets.count
                if !octets.isEmpty { entries.append(octets) }
            }
        }
        return .failure(ReportFault("the archive has more than \(ReportLimits.entriesMax) entries"))
    }

    private static func content(_ archive: OpaquePointer, room: Int) -> Result<[UInt8], ReportFault> {
        var octets: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = block.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, $0.count) }
            if count == 0 { return .success(octets) }
            guard count > 0 else { return .failure(fault(archive)) }
            guard octets.count + count <= room else {
                return .failure(ReportFault("the archive holds more than \(ReportLimits.expandedBytesMax) octets"))
            }
            octets += block.prefix(count)
        }
    }

    private static func fault(_ archive: OpaquePointer) -> ReportFault {
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "unknown"
        return ReportFault("the archive cannot be read: \(text)")
    }
}
