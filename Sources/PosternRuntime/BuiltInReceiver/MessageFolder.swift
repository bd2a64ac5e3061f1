import Dispatch
import Foundation
import MailModel
import SMTPProtocol
import Synchronization

/// A directory of the newest messages, one `<milliseconds>-<number>.eml` for each, written in the background.
final class MessageFolder: Sendable {
    private struct Waiting {
        var messages = 0
        var bytes = 0
        var nextNumber = 0
        var unwritten = 0
    }

    private let settings: BuiltInReceiverSettings
    private let queue = DispatchQueue(label: "built-in-receiver")
    private let waiting = Mutex(Waiting())
    /// The files that lie there; used on `queue` only, so never contended.
    private let shelf: Mutex<FileShelf>

    /// Makes the directory and takes over the files that lie there. Throws where it cannot.
    init(_ settings: BuiltInReceiverSettings) throws {
        precondition(settings.messagesMax >= 1)
        self.settings = settings
        try FileManager.default.createDirectory(
            atPath: settings.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        shelf = Mutex(
            try FileShelf(directory: settings.directory, filesMax: settings.messagesMax, bytesMax: settings.bytesMax))
    }

    /// Puts the message in line to be written. False: too many wait, it will not be kept.
    func keep(_ message: ReceivedMessage, at now: Timestamp) -> Bool {
        let size = message.content.count
        let number: Int? = waiting.withLock { waiting in
            guard waiting.messages < settings.waitingMax, waiting.bytes + size <= settings.waitingBytesMax else { return nil }
            waiting.messages += 1
            waiting.bytes += size
            waiting.nextNumber += 1
            return waiting.nextNumber
        }
        guard let number else { return false }
        queue.async {
            let name = "\(now.milliseconds)-\(number).eml"
            let isWritten = self.shelf.withLock { $0.put(name, MessageFolder.heading(message), message.content) }
            self.waiting.withLock { waiting in
                waiting.unwritten += isWritten ? 0 : 1
                waiting.messages -= 1
                waiting.bytes -= size
            }
        }
        return true
    }

    /// Messages that `keep` took and the disk refused.
    var unwritten: Int { waiting.withLock { $0.unwritten } }

    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// The envelope, as a final delivery writes it (RFC 5321 §4.4 for Return-Path). Addresses hold no line ends.
    private static func heading(_ message: ReceivedMessage) -> [UInt8] {
        var text = "Return-Path: <\(message.reversePath)>\r\n"
        for recipient in message.recipients { text += "X-Original-To: \(recipient.address)\r\n" }
        return Array(text.utf8)
    }
}

/// The files of a directory with a bound on their number and size: the oldest goes for one more.
struct FileShelf {
    private struct File {
        var name: String
        var bytes: Int
    }

    private let directory: String
    private let filesMax: Int
    private let bytesMax: Int
    /// Oldest first; those before `head` are gone.
    private var files: [File] = []
    private var head = 0
    private var bytes = 0

    init(directory: String, filesMax: Int, bytesMax: Int) throws {
        (self.directory, self.filesMax, self.bytesMax) = (directory, filesMax, bytesMax)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".eml") }
        for name in names.sorted(by: { $0.compare($1, options: .numeric) == .orderedAscending }) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            files.append(File(name: name, bytes: (attributes[.size] as? NSNumber)?.intValue ?? 0))
        }
        bytes = files.reduce(0) { $0 + $1.bytes }
        trim()
    }

    /// Writes a file of both parts. False: it could not be written whole, and nothing is left behind.
    mutating func put(_ name: String, _ heading: [UInt8], _ content: [UInt8]) -> Bool {
        let path = "\(directory)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let isWhole = write(heading, to: descriptor) && write(content, to: descriptor)
        close(descriptor)
        guard isWhole else {
            unlink(path)
            return false
        }
        files.append(File(name: name, bytes: heading.count + content.count))
        bytes += heading.count + content.count
        trim()
        return true
    }

    private func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var position = 0
            while position < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: position), buffer.count - position)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                position += count
            }
            return true
        }
    }

    private mutating func trim() {
        while head < files.count, files.count - head > filesMax || bytes > bytesMax {
            unlink("\(directory)/\(files[head].name)")
            bytes -= files[head].bytes
            head += 1
        }
        if head > filesMax {
            files.removeFirst(head)
            head = 0
        }
    }
}
