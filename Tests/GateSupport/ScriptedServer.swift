import Foundation
import Glibc
import Synchronization

/// A mail server on loopback that does what its script says, a thread for each connection, and keeps what it was given.
///
/// `@unchecked`: the descriptor is set once; everything else is in the mutex.
package final class ScriptedServer: @unchecked Sendable {
    /// A message with its envelope as it came over the wire, dots unstuffed.
    package struct Mail: Sendable {
        /// The words after `MAIL FROM:` and `RCPT TO:`, parameters included.
        package var from: String
        package var recipients: [String]
        package var content: [UInt8]
        /// Counted from 1.
        package var connection: Int
        /// The client's address, and the name that it gave.
        package var client = ""
        package var helloName = ""

        package var text: String { String(decoding: content, as: UTF8.self) }
        /// The addresses of the recipients.
        package var addresses: [String] { recipients.map { String($0.drop { $0 == "<" }.prefix { $0 != ">" }) } }

        package func field(_ name: String) -> String? {
            for line in text.split(separator: "\r\n", omittingEmptySubsequences: false) {
                if line.isEmpty { return nil }
                if line.lowercased().hasPrefix("\(name.lowercased()):") {
                    return String(line.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces)
                }
            }
            return nil
        }
    }

    private struct State {
        var script: @Sendable (ServerConversation) -> Void
        var mails: [Mail] = []
        var connections: [Int: LoopbackStream] = [:]
        var connectionCount = 0
        var isStopped = false
    }

    package let port: Int
    private let descriptor: CInt
    private let state: Mutex<State>

    /// `script`: one conversation, from before the greeting on; the connection is closed when it returns.
    package init(_ script: @escaping @Sendable (ServerConversation) -> Void = { $0.serve() }) {
        (descriptor, port) = listenOnFreePort()
        state = Mutex(State(script: script))
        Thread.detachNewThread { self.listen() }
    }

    /// What was received and answered with 250.
    package var mails: [Mail] { state.withLock { $0.mails } }
    package var mailCount: Int { state.withLock { $0.mails.count } }
    /// Connections so far.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Connections that stand.
    package var openConnectionCount: Int { state.withLock { $0.connections.count } }

    package func mail(subject: String) -> Mail? { mails.first { $0.field("Subject") == subject } }

    package func keep(_ mail: Mail) { state.withLock { $0.mails.append(mail) } }

    /// For connections from now on.
    package func follow(_ script: @escaping @Sendable (ServerConversation) -> Void) { state.withLock { $0.script = script } }

    package func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return Array(state.connections.values)
        }
        shutdown(descriptor, CInt(SHUT_RDWR))
        for stream in open { stream.shut() }
    }

    private func listen() {
        while true {
            let peer = accept(descriptor, nil, nil)
            if peer < 0 { break }
            _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
            let stream = LoopbackStream(descriptor: peer)
            let (number, script) = state.withLock { state in
                state.connectionCount += 1
                state.connections[state.connectionCount] = stream
                if state.isStopped { stream.shut() }
                return (state.connectionCount, state.script)
            }
            let conversation = ServerConversation(server: self, stream: stream, number: number)
            let thread = Thread {
                script(conversation)
                stream.shut()
                self.state.withLock { _ = $0.connections.removeValue(forKey: number) }
            }
            thread.start()
        }
        close(descriptor)
    }
}

/// The server's side of one connection.
///
/// `@unchecked`: made by the listening thread, then used by the connection's thread alone.
package final class ServerConversation: @unchecked Sendable {
    /// What the client did, and what a script may answer in its own way.
    package enum Step {
        case command(String)
        /// A message whose final dot has come.
        case content(ScriptedServer.Mail)
    }

    package enum Reaction {
        /// One or more lines, without the last line's end.
        case say(String)
        /// As `say`, then closed.
        case sayAndClose(String)
        case close
    }

    package let stream: LoopbackStream
    /// Of the connection, from 1.
    package let number: Int
    private let server: ScriptedServer

    package init(server: ScriptedServer, stream: LoopbackStream, number: Int) {
        self.server = server
        self.stream = stream
        self.number = number
    }

    /// Keeps a message that is not going to be answered.
    package func keep(_ mail: ScriptedServer.Mail) { server.keep(mail) }

    package static let extensions = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"]

    /// An obliging server, but for what `react` answers otherwise. Ends with the connection. `greeting`: nil where the script has said it.
    package func serve(
        greeting: String? = "220 sink.example.net ESMTP", extensions: [String] = ServerConversation.extensions,
        _ react: (Step) -> Reaction? = { _ in nil }
    ) {
        if let greeting { stream.write(greeting + "\r\n") }
        var mail = ScriptedServer.Mail(from: "", recipients: [], content: [], connection: number)
        mail.client = stream.peerAddress
        while let line = stream.readLine() {
            let verb = line.prefix(4).uppercased()
            let own = react(.command(line))
            let accepts: Bool
            if case .say(let text)? = own { accepts = text.hasPrefix("2") || text.hasPrefix("3") } else { accepts = own == nil }
            if accepts, verb == "MAIL" { mail.from = String(line.dropFirst(10)) }
            if accepts, verb == "RCPT" { mail.recipients.append(String(line.dropFirst(8))) }
            let usual = verb == "DATA" && mail.recipients.isEmpty ? "503 5.5.1 No recipients" : usual(verb, extensions)
            guard answer(own ?? (verb == "QUIT" ? .sayAndClose(usual) : .say(usual))) else { return }
            if verb == "EHLO" { mail.helloName = String(line.dropFirst(5)) }
            if verb == "EHLO" || verb == "HELO" || verb == "RSET" { (mail.from, mail.recipients) = ("", []) }
            guard verb == "DATA", accepts, !mail.recipients.isEmpty else { continue }
            guard let content = readContent() else { return }
            mail.content = content
            guard answer(taken(mail, react)) else { return }
            (mail.from, mail.recipients) = ("", [])
        }
    }

    private func usual(_ verb: String, _ extensions: [String]) -> String {
        switch verb {
        case "EHLO":
            (["sink.example.net"] + extensions).enumerated().map { "250\($0 == extensions.count ? " " : "-")\($1)" }.joined(
                separator: "\r\n")
        case "MAIL", "RCPT", "RSET", "HELO", "NOOP": "250 2.0.0 OK"
        case "DATA": "354 Go on"
        case "QUIT": "221 2.0.0 Bye"
        default: "500 5.5.1 What?"
        }
    }

    /// Kept before it is answered, as a server has to.
    private func taken(_ mail: ScriptedServer.Mail, _ react: (Step) -> Reaction?) -> Reaction {
        let own = react(.content(mail))
        if let own {
            guard case .say(let text) = own, text.hasPrefix("2") else { return own }
        }
        server.keep(mail)
        return own ?? .say("250 2.0.0 Taken")
    }

    /// False where the conversation is over.
    private func answer(_ reaction: Reaction) -> Bool {
        switch reaction {
        case .say(let text): return stream.write(text + "\r\n")
        case .sayAndClose(let text):
            stream.write(text + "\r\n")
            return false
        case .close: return false
        }
    }

    /// After the 354: the content, unstuffed.
    package func readContent() -> [UInt8]? {
        var content: [UInt8] = []
        while let line = stream.readThrough([0x0D, 0x0A]) {
            guard line.first == 0x2E else {
                content += line
                continue
            }
            if line.count == 3 { return content }
            content += line.dropFirst()
        }
        return nil
    }
}
