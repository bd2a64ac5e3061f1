import Foundation
import MailModel
import NIOCore
import NIOPosix
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite("The built-in receiver", .timeLimit(.minutes(10)), .ownThreads)
struct BuiltInReceiverTests {
    private func withReceiver(
        _ template: BuiltInReceiverSettings? = nil, _ body: (BuiltInReceiver, String) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "postern-receiver-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var settings = template ?? BuiltInReceiverSettings(directory: "")
        settings.directory = directory
        let receiver = try await BuiltInReceiver.start(settings, group: MultiThreadedEventLoopGroup.singleton)
        try await body(receiver, directory)
        await receiver.close()
    }

    private func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    private func mail(_ recipients: [String], _ content: String = "Subject: x\r\n\r\nhello\r\n") -> String {
        "MAIL FROM:<a@example.com>\r\n" + recipients.map { "RCPT TO:<\($0)@example.org>\r\n" }.joined() + "DATA\r\n" + content + ".\r\n"
    }

    @Test func `a message is kept as it came, below its envelope`() async throws {
        try await withReceiver { receiver, directory in
            let replies = try talk(receiver.port, "EHLO c.example\r\n" + mail(["anna", "ben"]) + "QUIT\r\n")
            #expect(replies.contains("250 2.6.0 Message kept\r\n221 "))
            await receiver.flush()
            let name = try #require(try files(directory).first)
            let kept = try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
            let envelope = "Return-Path: <a@example.com>\r\nX-Original-To: anna@example.org\r\nX-Original-To: ben@example.org\r\n"
            #expect(kept == envelope + "Subject: x\r\n\r\nhello\r\n")
            #expect(receiver.counts.messages == 1 && receiver.counts.recipients == 2)
        }
    }

    @Test func `reserved recipients get what they ask for and the rest is kept`() async throws {
        try await withReceiver { receiver, directory in
            let ended = try talk(
                receiver.port, "EHLO c.example\r\n" + mail(["bounce", "full", "refuse-551", "greylist", "anna"]) + "QUIT\r\n")
            for code in ["550 5.1.1 ", "452 4.2.2 ", "551 5.0.0 ", "451 4.7.1 ", "250 2.6.0 "] { #expect(ended.contains(code)) }
            let refused = try talk(receiver.port, "EHLO c.example\r\n" + mail(["refuse-data-552"]) + "QUIT\r\n")
            #expect(refused.contains("\r\n552 5.0.0 "))
            let busy = try talk(receiver.port, "EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<busy@example.org>\r\n")
            #expect(busy.contains("\r\n421 4.3.2 "))
            await receiver.flush()
            #expect(try files(directory).count == 1)
            #expect(receiver.counts.refusedRecipients == 5 && receiver.counts.refusedMessages == 1)
        }
    }

    @Test(arguments: [("drop", 0), ("accept-then-drop", 1)]) func `a connection is dropped at the dot, the message kept or not`(
        recipient: String, kept: Int
    ) async throws {
        try await withReceiver { receiver, directory in
            let replies = try talk(receiver.port, "EHLO c.example\r\n" + mail([recipient]))
            #expect(!replies.contains("2.6.0"))
            await receiver.flush()
            #expect(try files(directory).count == kept)
            #expect(receiver.counts.drops == 1 && receiver.counts.messages == kept)
        }
    }

    @Test func `the newest files stay, by number and by size, also over a restart`() async throws {
        var settings = BuiltInReceiverSettings(directory: "")
        settings.messagesMax = 5
        try await withReceiver(settings) { receiver, directory in
            let dialogue = (0..<12).map { mail(["anna"], "n: \($0)\r\n\r\n") }.joined()
            _ = try talk(receiver.port, "EHLO c.example\r\n" + dialogue + "QUIT\r\n")
            await receiver.flush()
            let contents = try files(directory).map { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }
            #expect(contents.compactMap { $0.split(separator: "\r\n").last } == ["n: 7", "n: 8", "n: 9", "n: 10", "n: 11"])
            await receiver.close()

            var smaller = settings
            smaller.directory = directory
            smaller.bytesMax = contents.suffix(2).reduce(0) { $0 + $1.utf8.count }
            let again = try await BuiltInReceiver.start(smaller, group: MultiThreadedEventLoopGroup.singleton)
            #expect(try files(directory).count == 2)
            await again.close()
        }
    }

    @Test func `a message beyond the line of those to be written is taken and counted, not kept`() async throws {
        var settings = BuiltInReceiverSettings(directory: "")
        settings.waitingBytesMax = 10
        try await withReceiver(settings) { receiver, directory in
            let replies = try talk(receiver.port, "EHLO c.example\r\n" + mail(["anna"]) + "QUIT\r\n")
            #expect(replies.contains("250 2.6.0 "))
            await receiver.flush()
            #expect(try files(directory).isEmpty)
            #expect(receiver.counts.unkept == 1 && receiver.counts.messages == 1)
        }
    }

    @Test func `a message with a defect is refused and not kept`() async throws {
        try await withReceiver { receiver, directory in
            let replies = try talk(receiver.port, "EHLO c.example\r\n" + mail(["anna"], "a: b\r\n\r\nbare\nnewline\r\n") + "QUIT\r\n")
            #expect(!replies.contains("250 2.6.0 "))
            #expect(receiver.counts.refusedMessages == 1 && receiver.counts.messages == 0)
        }
    }
}

/// Sends the dialogue, closes the sending side and reads to the end.
private func talk(_ port: Int, _ text: String) throws -> String {
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo("127.0.0.1", String(port), nil, &found) == 0, let target = found else { throw CocoaError(.fileNoSuchFile) }
    defer { freeaddrinfo(found) }
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    guard connect(descriptor, target.pointee.ai_addr, target.pointee.ai_addrlen) == 0 else { throw CocoaError(.fileReadUnknown) }
    _ = write(descriptor, text, text.utf8.count)
    shutdown(descriptor, CInt(SHUT_WR))
    var heard: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: heard, as: UTF8.self) }
        heard += buffer[..<count]
    }
}
