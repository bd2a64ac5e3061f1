import Foundation
import OutboundPolicy

/// Reads the passwords of next hosts: sealed in the directory of the store, or in a file of this node as earlier versions kept them.
struct RoutePasswords: Sendable {
    let directory: DataDirectory
    let vault: KeyVault

    /// Nil where it cannot be read: it was sealed under another master key, or for another route, or the file is gone; and where tokens
    /// stand in place of a password.
    func read(_ password: HopPassword, ofRoute route: String) -> String? {
        switch password {
        case .sealed(let box): (try? vault.open(box, context: KeyVault.context(route: route))).map { String(decoding: $0, as: UTF8.self) }
        case .file(let name): read(file: name)
        case .oauth: nil
        }
    }

    /// Without the line's end, which editors add.
    private func read(file name: String) -> String? {
        guard !name.contains("/"), let bytes = try? AtomicFile.read(directory.secret(name), bytesMax: 4096) else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}

extension KeyVault {
    /// What a sealed password is bound to.
    static func context(route: String) -> String { "route-password:\(route)" }
}
