import Foundation
import Glibc

/// A reply as it came.
package struct Reply: CustomStringConvertible {
    package var code: Int
    /// Without the codes.
    package var lines: [String]

    package init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    package var text: String { lines.joined(separator: " ") }
    package var description: String { "\(code) \(text)" }
}

/// The client's side of a dialogue with the gate, said word by word.
package final class SMTPDialogue {
    package let stream: LoopbackStream
    /// The program that does the TLS; nil in plaintext.
    private let tls: Process?

    /// In plaintext.
    package init(port: Int, from source: String? = nil) throws {
        stream = try LoopbackStream.connect(port: port, from: source)
        tls = nil
    }

    /// Through `openssl s_client`: with STARTTLS, or with TLS from the first byte.
    package init(tlsPort: Int, startTLS: Bool, from source: String? = nil) throws {
        var pair: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw LoopbackStream.Failure(description: "no socket pair")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.openSSL)
        process.arguments =
            ["s_client", "-connect", "127.0.0.1:\(tlsPort)", "-quiet", "-verify_quiet"] + (startTLS ? ["-starttls", "smtp"] : [])
            + (source.map { ["-bind", "\($0):0"] } ?? [])
        let theirs = FileHandle(fileDescriptor: pair[1], closeOnDealloc: true)
        process.standardInput = theirs
        process.standardOutput = theirs
        process.standardError = FileHandle.nullDevice
        try process.runUnmasked()
        try theirs.close()
        stream = LoopbackStream(descriptor: pair[0])
        tls = process
        // With STARTTLS the program has taken the greeting and the first EHLO itself, and shows the reply to EHLO's last line.
        if startTLS { _ = readReply() }
    }

    deinit { close() }

    package func close() {
        stream.shut()
        guard let tls, tls.isRunning else { return }
        tls.terminate()
        tls.waitUntilExit()
    }

    /// The next reply; nil where the connection ended.
    package func readReply() -> Reply? {
        var lines: [String] = []
        while let line = stream.readLine() {
            guard line.count >= 3, let code = Int(line.prefix(3)) else { return Reply(code: 0, lines: [line]) }
            lines.append(String(line.dropFirst(4)))
            if line.count == 3 || line.dropFirst(3).first == " " { return Reply(code: code, lines: lines) }
        }
        return nil
    }

    /// Code 0 where the connection ended.
    package func reply() -> Reply { readReply() ?? Reply(code: 0, lines: ["the connection ended"]) }

    package func say(_ line: String) -> Reply {
        stream.write(line + "\r\n")
        return reply()
    }

    /// Greeting and EHLO.
    @discardableResult
    package func open() -> Reply {
        _ = reply()
        return say("EHLO client.example.org")
    }

    package func signIn(_ name: String, _ password: String) -> Reply {
        say("AUTH PLAIN \(Data("\0\(name)\0\(password)".utf8).base64EncodedString())")
    }

    /// One message; the first reply that is no success, or the reply to the final dot. `content`: with CRLF line ends, not stuffed.
    package func submit(from sender: String, to recipients: [String], _ content: [UInt8], parameters: String = "") -> Reply {
        let mail = say("MAIL FROM:<\(sender)>\(parameters)")
        guard mail.code == 250 else { return mail }
        for recipient in recipients {
            let reply = say("RCPT TO:<\(recipient)>")
            guard reply.code == 250 else { return reply }
        }
        let data = say("DATA")
        guard data.code == 354 else { return data }
        stream.write(stuffed(content))
        return reply()
    }

    package func submit(from sender: String, to recipients: [String], _ content: String, parameters: String = "") -> Reply {
        submit(from: sender, to: recipients, Array(content.utf8), parameters: parameters)
    }
}

/// A content as DATA carries it, final dot included.
package func stuffed(_ content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(content.count + 100)
    for line in content.split(separator: 0x0A, omittingEmptySubsequences: false) {
        if line.first == 0x2E { bytes.append(0x2E) }
        bytes += line
        bytes.append(0x0A)
    }
    // The split sees one line more than there are line ends.
    bytes.removeLast()
    return bytes + Array(".\r\n".utf8)
}

/// A plain message. The subject tells it from others.
package func message(_ subject: String, from: String = "a@example.org", fields: String = "") -> String {
    "From: \(from)\r\nTo: someone@example.net\r\nSubject: \(subject)\r\n\(fields)\r\nHello.\r\n"
}
