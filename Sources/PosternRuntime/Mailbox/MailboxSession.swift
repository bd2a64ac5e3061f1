import CMailbox
import Synchronization

/// One visit to a mailbox. Its calls block and come one after the other, never from an event loop or the cooperative pool.
///
/// `@unchecked`: the handle is used by one call at a time, which `MailboxPoller` sees to; `stop` may come beside it, and not after `close`.
final class MailboxSession: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct Choices: Sendable {
        var address: MailboxAddress
        var user: String
        var password: String
        /// Path of a PEM file; nil for the system's roots.
        var roots: String?
        /// Larger ones stay where they are.
        var messageBytesMax: Int
        /// Messages that were taken are marked in place of deleted; IMAP alone.
        var keeps: Bool
    }

    static let mark = "$PosternTaken"
    private static let connectSeconds = 20
    private static let commandSeconds = 120
    private static let listBytesMax = 1 << 20
    /// Messages of one visit.
    static let messagesMax = 500

    private let choices: Choices
    private let handle: OpaquePointer
    private let isOpen = Mutex(true)

    init(_ choices: Choices) throws {
        self.choices = choices
        let made = choices.user.withCString { user in
            choices.password.withCString { password in
                MailboxSession.withOptionalCString(choices.roots) { roots in
                    var settings = mailbox_settings(
                        user: user, password: password, roots: roots, connect_seconds: MailboxSession.connectSeconds,
                        command_seconds: MailboxSession.commandSeconds)
                    return mailbox_open(&settings)
                }
            }
        }
        guard let made else { throw Failure(description: "libcurl could not be set up") }
        handle = made
    }

    private static func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }

    private var server: String {
        "\(choices.address.kind.rawValue)://\(choices.address.host)\(choices.address.port.map { ":\($0)" } ?? "")/"
    }

    private var place: String { server + choices.address.folder }

    private func ask(_ url: String, _ command: String?, bytesMax: Int) throws -> [UInt8] {
        var bytes: UnsafePointer<UInt8>?
        var length = 0
        let code = MailboxSession.withOptionalCString(command) { mailbox_ask(handle, url, $0, bytesMax, &bytes, &length) }
        guard code == 0 else { throw Failure(description: String(cString: mailbox_error(handle, code))) }
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    /// Numbers of messages that are new and not too large, the oldest first; `messagesMax` of them at most.
    func list() throws -> [UInt32] {
        let size = choices.messageBytesMax
        let answer =
            choices.address.isIMAP
            ? try ask(place, "UID SEARCH UNDELETED UNKEYWORD \(MailboxSession.mark) SMALLER \(size)", bytesMax: MailboxSession.listBytesMax)
            : try ask(server, nil, bytesMax: MailboxSession.listBytesMax)
        let numbers =
            choices.address.isIMAP ? MailboxAnswer.found(answer) : MailboxAnswer.sizes(answer).filter { $0.size <= size }.map(\.number)
        return Array(Set(numbers).sorted().prefix(MailboxSession.messagesMax))
    }

    func content(_ number: UInt32) throws -> [UInt8] {
        let url = choices.address.isIMAP ? "\(place)/;UID=\(number)" : "\(server)\(number)"
        return try ask(url, nil, bytesMax: choices.messageBytesMax)
    }

    /// It is kept, and is not to be found again.
    func taken(_ number: UInt32) throws {
        if choices.address.isIMAP {
            let flag = choices.keeps ? MailboxSession.mark : "\\Deleted"
            _ = try ask(place, "UID STORE \(number) +FLAGS.SILENT (\(flag))", bytesMax: MailboxSession.listBytesMax)
        } else {
            let code = mailbox_tell(handle, "\(server)\(number)", "DELE")
            guard code == 0 else { throw Failure(description: String(cString: mailbox_error(handle, code))) }
        }
    }

    /// Deletes what is marked so. POP deletes when the connection is closed.
    func expunge() throws {
        guard choices.address.isIMAP, !choices.keeps else { return }
        _ = try ask(place, "EXPUNGE", bytesMax: MailboxSession.listBytesMax)
    }

    /// From any thread.
    func stop() { isOpen.withLock { if $0 { mailbox_stop(handle) } } }

    /// Nothing may follow.
    func close() {
        isOpen.withLock { $0 = false }
        mailbox_close(handle)
    }
}
