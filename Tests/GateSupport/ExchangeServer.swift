import Foundation

/// Stands for Microsoft 365 on loopback, in Python: a token endpoint over HTTP and a submission host under TLS from the first octet.
///
/// The host takes the newest token only, and one message on a connection. What happens is told by files in `directory`, written by `set`:
/// `token-error` (JSON of a refusal), `life` (seconds of a token), `roles`, `auth-reply`, `mail-reply`, `rcpt-reply`.
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
package final class ExchangeServer: @unchecked Sendable {
    private let directory: URL
    private let process: Process
    package let tokenPort: Int
    package let port: Int

    package init(certificate: String, key: String) throws {
        directory = try TemporaryDirectory.make()
        let ports = directory.appendingPathComponent("ports")
        process = try Program.start(
            Program.python, ["-c", ExchangeServer.script, directory.path, certificate, key], input: nil, output: nil,
            errors: directory.appendingPathComponent("errors"))
        var found: [Int] = []
        _ = eventually {
            found = ((try? String(contentsOf: ports, encoding: .utf8)) ?? "").split(separator: " ").compactMap { Int($0) }
            return found.count == 2
        }
        guard found.count == 2 else { throw GateProcess.Failure(description: "the submission host did not start") }
        (tokenPort, port) = (found[0], found[1])
    }

    package var tokenURL: String { "http://127.0.0.1:\(tokenPort)/token" }

    /// Nil: as usual again.
    package func set(_ name: String, _ text: String?) throws {
        let file = directory.appendingPathComponent(name)
        if let text { try Data(text.utf8).write(to: file) } else { try? FileManager.default.removeItem(at: file) }
    }

    private func lines(_ name: String) -> [String] {
        ((try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Forms that were posted for tokens, in order.
    package var forms: [String] { lines("forms") }
    /// `ok USER` or `refused USER` of each sign-in.
    package var signIns: [String] { lines("sign-ins") }
    /// Messages taken, by their sender.
    package var mails: [String] { lines("mails") }

    package struct Message: Decodable, Sendable {
        package var user: String
        package var sender: String
        package var recipients: [String]
        /// With LF.
        package var content: String
    }

    /// The same, whole.
    package var messages: [Message] { lines("messages").compactMap { try? JSONDecoder().decode(Message.self, from: Data($0.utf8)) } }

    package func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    private static let script = """
        import base64, http.server, json, os, socketserver, ssl, sys, threading

        folder, certificate, key = sys.argv[1:4]
        lock, tokens = threading.Lock(), []

        def told(name, usual):
            try:
                return open(folder + "/" + name).read()
            except FileNotFoundError:
                return usual

        def note(name, text):
            with lock, open(folder + "/" + name, "a") as file:
                file.write(text + "\\n")

        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

        class Tokens(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_POST(self):
                note("forms", self.rfile.read(int(self.headers["Content-Length"])).decode())
                refusal = told("token-error", "")
                claims = {"aud": "https://outlook.office365.com", "oid": "0b7ec7", "appid": "c-1", "n": len(tokens),
                          "roles": told("roles", "SMTP.SendAsApp").split()}
                token = part({"alg": "none"}) + "." + part(claims) + ".c2ln"
                if not refusal:
                    tokens.append(token)
                answer = refusal or json.dumps(
                    {"token_type": "Bearer", "expires_in": int(told("life", "3599")), "access_token": token})
                self.send_response(400 if refusal else 200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

        class Submission(socketserver.StreamRequestHandler):
            def say(self, text):
                self.wfile.write(text.encode() + b"\\r\\n")

            def line(self):
                return self.rfile.readline().decode().rstrip("\\r\\n")

            def handle(self):
                try:
                    self.talk()
                except (OSError, ssl.SSLError):
                    pass

            def talk(self):
                self.say("220 FR0P281CA0001.outlook.office365.com Microsoft ESMTP MAIL Service ready")
                known, sender, recipients = False, "", []
                while line := self.line():
                    verb = line.split(" ")[0].split(":")[0].upper()
                    if verb == "EHLO":
                        self.say("250-FR0P281CA0001.outlook.office365.com Hello\\r\\n250-AUTH LOGIN XOAUTH2\\r\\n250 8BITMIME")
                    elif verb == "AUTH":
                        known = self.sign_in(line)
                    elif verb == "QUIT":
                        return self.say("221 2.0.0 Bye")
                    elif not known:
                        self.say("530 5.7.57 Client not authenticated to send mail.")
                    elif verb == "MAIL":
                        sender = line.split("<")[1].split(">")[0]
                        self.say(told("mail-reply", "250 2.1.0 Sender OK"))
                    elif verb == "RCPT":
                        recipients.append(line.split("<")[1].split(">")[0])
                        self.say(told("rcpt-reply", "250 2.1.5 Recipient OK"))
                    elif verb == "DATA":
                        self.say("354 Start mail input")
                        content = ""
                        while (text := self.line()) != ".":
                            content += text.removeprefix(".") + "\\n"
                        refusal = told("dot-reply " + known, "")
                        self.say(refusal or "250 2.0.0 OK")
                        if refusal:
                            continue
                        note("messages", json.dumps(
                            {"user": known, "sender": sender, "recipients": recipients, "content": content}))
                        return note("mails", sender)
                    else:
                        self.say("250 2.0.0 OK")

            def sign_in(self, line):
                fields = base64.b64decode(line.split(" ")[2]).decode().split("\\x01")
                user, token = fields[0].removeprefix("user="), fields[1].removeprefix("auth=Bearer ")
                refusal = told("auth-reply", "" if tokens and token == tokens[-1] else "535 5.7.3 Authentication unsuccessful")
                note("sign-ins", ("refused " if refusal else "ok ") + user)
                if refusal:
                    self.say("334 eyJzdGF0dXMiOiI0MDEifQ==")
                    self.line()
                self.say(refusal or "235 2.7.0 Authentication successful")
                return "" if refusal else user

        class Secure(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def get_request(self):
                stream, address = super().get_request()
                return context.wrap_socket(stream, server_side=True, do_handshake_on_connect=False), address

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
        mail = Secure(("127.0.0.1", 0), Submission)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        with open(folder + "/ports.new", "w") as file:
            file.write(f"{web.server_address[1]} {mail.server_address[1]}")
        os.rename(folder + "/ports.new", folder + "/ports")
        mail.serve_forever()
        """
}
