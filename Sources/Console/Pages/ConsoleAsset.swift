import CConsoleAssets
import Crypto
import MailModel

/// A file that is part of the program.
struct ConsoleAsset: Sendable {
    let name: String
    let bytes: [UInt8]
    /// Of its content, so that a browser may keep it for ever.
    let digest: String

    var contentType: String {
        if name.hasSuffix(".css") { return "text/css; charset=utf-8" }
        if name.hasSuffix(".js") { return "text/javascript; charset=utf-8" }
        return "image/svg+xml"
    }

    static let all: [ConsoleAsset] = {
        var assets: [ConsoleAsset] = []
        while let found = console_asset_at(assets.count) {
            let bytes = Array(UnsafeBufferPointer(start: found.pointee.bytes, count: found.pointee.length))
            let digest = SHA256.hash(data: bytes).prefix(8).hexadecimal
            assets.append(ConsoleAsset(name: String(cString: found.pointee.name), bytes: bytes, digest: digest))
        }
        return assets
    }()

    /// `/assets/1f2e…-console.css`.
    static func path(_ name: String) -> String {
        guard let asset = all.first(where: { $0.name == name }) else { preconditionFailure("there is no asset \(name)") }
        return "/assets/\(asset.digest)-\(name)"
    }

    /// Nil for what is no asset; templates are none.
    static func at(_ path: String) -> ConsoleAsset? {
        all.first { !$0.name.hasSuffix(".mustache") && !$0.name.hasSuffix(".json") && path == "/assets/\($0.digest)-\($0.name)" }
    }
}
