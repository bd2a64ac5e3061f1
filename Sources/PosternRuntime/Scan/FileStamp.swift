import Foundation

/// Tells a file from what stood in its place before.
enum FileStamp {
    static func of(_ path: String) -> String {
        guard let file = try? FileManager.default.attributesOfItem(atPath: path) else { return "\(path) is missing" }
        let changed = (file[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(path) \(file[.systemFileNumber] ?? "") \(file[.size] ?? "") \(changed)"
    }
}
