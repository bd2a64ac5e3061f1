import ArgumentParser
import Foundation
import MailModel
import PosternRuntime
import SMTPProtocol

/// The messages that the demo submits.
enum DemoMessages {
    /// Memory for messages that wait to be submitted.
    private static let bytesMax = 512 * 1_048_576

    static func load(folder: String?, count: Int?) throws -> [ClientTransaction] {
        let folder = try folder ?? examples()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        var transactions: [ClientTransaction] = []
        var bytes = 0
        for name in names.prefix(count ?? names.count) {
            var isDirectory: ObjCBool = false
            let path = "\(folder)/\(name)"
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else { continue }
            let message = try MessageFile(path: path)
            bytes += message.content.count
            guard bytes <= bytesMax else { throw ValidationError("\(folder) holds more than \(bytesMax) octets: give --count") }
            transactions.append(transaction(message))
        }
        guard !transactions.isEmpty else { throw ValidationError("\(folder) holds no messages") }
        return transactions
    }

    /// A list's message names its list, or nobody: then a reader of ours takes the place.
    private static func transaction(_ message: MessageFile) -> ClientTransaction {
        let reader = EmailAddress("reader@example.com").map { [$0] } ?? []
        let recipients = message.recipients.isEmpty ? reader : Array(message.recipients.prefix(100))
        return ClientTransaction(
            reversePath: (message.from ?? EmailAddress("demo@example.org")).map { .address($0) } ?? .null,
            parameters: parameters(message), recipients: recipients.map { EnvelopeRecipient($0) }, content: message.content)
    }

    private static func parameters(_ message: MessageFile) -> MailParameters {
        var parameters = MailParameters()
        if message.content.contains(where: { $0 >= 0x80 }) { parameters.body = .eightBit }
        return parameters
    }

    /// `Examples/messages` of the source tree that the program was built in, or beside the program.
    private static func examples() throws -> String {
        let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        var folder = program.deletingLastPathComponent()
        var candidates = ["./Examples/messages"]
        for _ in 0..<5 {
            candidates.append(folder.appendingPathComponent("Examples/messages").path)
            folder = folder.deletingLastPathComponent()
        }
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw ValidationError("the example messages are not here: give --messages FOLDER")
        }
        return found
    }
}
