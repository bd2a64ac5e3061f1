import Foundation

/// Stands for Microsoft Graph and the Gmail API on loopback, in Python, with a token endpoint beside them.
///
/// It takes the newest token only. What it answers is told by files in `directory`, written by `set`: `answer MAILBOX` (status, a space, and
/// JSON; one more line is a Retry-After), for every call; without one it accepts what is in the form that the provider's documents ask for.
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
package final class ProviderAPIServer: @unchecked Sendable {
    package struct Call: Decodable, Sendable {
        package var path: String
        package var mailbox: String
        package var type: String
        /// With LF.
        package var content: String
    }

    private let directory: URL
    private let process: Process
    package let port: Int

    package init() throws {
        directory = try TemporaryDirectory.make()
        let file = directory.appendingPathComponent("port")
        process = try Program.start(
            Program.python, ["-c", ProviderAPIServer.script, directory.path], input: nil, output: nil,
            errors: directory.appendingPathComponent("errors"))
        var port = 0
        _ = eventually {
            port = Int((try? String(contentsOf: file, encoding: .utf8)) ?? "") ?? 0
            return port != 0
        }
        self.port = port
        guard port != 0 else { throw GateProcess.Failure(description: "the API's server did not start") }
    }

    package var tokenURL: String { "http://127.0.0.1:\(port)/token" }

    /// Nil: as usual again.
    package func set(_ name: String, _ text: String?) throws {
        let file = directory.appendingPathComponent(name)
        if let text { try Data(text.utf8).write(to: file) } else { try? FileManager.default.removeItem(at: file) }
    }

    private func lines(_ name: String) -> [String] {
        ((try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Messages taken, in order.
    package var taken: [Call] { lines("taken").compactMap { try? JSONDecoder().decode(Call.self, from: Data($0.utf8)) } }
    /// Mailboxes of calls that were refused.
    package var refused: [String] { lines("refused") }
    /// Forms that were posted for tokens.
    package var forms: [String] { lines("forms") }

    package func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    private static let script = """
        import base64, email, http.server, json, os, re, sys, threading, urllib.parse

        folder = sys.argv[1]
        lock, tokens = threading.Lock(), []

        def told(name):
            try:
                return open(folder + "/" + name).read()
            except FileNotFoundError:
                return ""

        def note(name, text):
            with lock, open(folder + "/" + name, "a") as file:
                file.write(text + "\\n")

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, body, retry=""):
                self.send_response(status)
                if retry:
                    self.send_header("Retry-After", retry)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                path = urllib.parse.unquote(self.path)
                if path == "/token":
                    note("forms", body.decode())
                    tokens.append("token-%d" % len(tokens))
                    return self.answer(200, json.dumps({"access_token": tokens[-1], "expires_in": 3599}))
                graph = re.fullmatch("/v1.0/users/([^/]+)/sendMail", path)
                gmail = re.fullmatch("/upload/gmail/v1/users/([^/]+)/messages/send[?]uploadType=media", path)
                mailbox = (graph or gmail).group(1)
                if self.headers["Authorization"] != "Bearer " + tokens[-1]:
                    note("refused", mailbox)
                    return self.answer(401, json.dumps({"error": {"code": "InvalidAuthenticationToken", "message": "expired"}}))
                scripted = told("answer " + mailbox)
                if scripted:
                    note("refused", mailbox)
                    status, text = scripted.split("\\n")[0].split(" ", 1)
                    return self.answer(int(status), text, "".join(scripted.split("\\n")[1:2]))
                type = self.headers["Content-Type"]
                content = base64.b64decode(body, validate=True) if graph else body
                message = email.message_from_bytes(content)
                if type != ("text/plain" if graph else "message/rfc822") or not (message["To"] or message["Cc"] or message["Bcc"]):
                    return self.answer(400, json.dumps({"error": {"code": "ErrorMimeContentInvalid", "message": "no message"}}))
                note("taken", json.dumps({"path": path, "mailbox": mailbox, "type": type,
                                          "content": content.decode().replace("\\r\\n", "\\n")}))
                self.answer(202 if graph else 200, "" if graph else json.dumps({"id": "17c"}))

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        with open(folder + "/port.new", "w") as file:
            file.write(str(server.server_address[1]))
        os.rename(folder + "/port.new", folder + "/port")
        server.serve_forever()
        """
}
