import Foundation

/// A web server on loopback that takes calls of webhooks, in Python: it checks each signature by its own code and keeps what it was sent.
///
/// The path says what it answers: `/200`; `/500,200` for one after the other; `/302` leads to `/200`; `/large` has a body without an end;
/// `/hang` waits for `release`.
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
package final class HookServer: @unchecked Sendable {
    package struct Call: Decodable, Sendable {
        package var path: String
        package var id: String
        /// Whether the signature is that of the secret, and the time is near.
        package var isSigned: Bool
        package var body: Body
    }

    package struct Body: Decodable, Sendable {
        package var type: String
        package var node: String
        package var data: Alert?
    }

    package struct Alert: Decodable, Sendable {
        package var id: String
        package var kind: String
        package var subject: String
        package var state: String
        package var hits: Int
    }

    private let directory: URL
    private let process: Process
    package let port: Int

    package static var isThere: Bool { Program.isThere(Program.python) }

    /// `certificate`, `key`: PEM files, to speak TLS.
    package init(certificate: String? = nil, key: String? = nil) throws {
        directory = try TemporaryDirectory.make()
        let portFile = directory.appendingPathComponent("port")
        process = try Program.start(
            Program.python, ["-c", HookServer.script, directory.path, certificate ?? "", key ?? ""], input: nil, output: nil,
            errors: directory.appendingPathComponent("errors"))
        var port = 0
        _ = eventually {
            port = Int((try? String(contentsOf: portFile, encoding: .utf8)) ?? "") ?? 0
            return port != 0
        }
        self.port = port
        guard port != 0 else { throw GateProcess.Failure(description: "the web server did not start") }
    }

    package func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// What calls have to be signed with from now on, as `webhooks add` shows it.
    package func expect(secret: String) throws {
        try Data(secret.utf8).write(to: directory.appendingPathComponent("secret"))
    }

    /// Lets `/hang` answer.
    package func release() { try? Data().write(to: directory.appendingPathComponent("release")) }

    package var calls: [Call] {
        let text = (try? String(contentsOf: directory.appendingPathComponent("calls"), encoding: .utf8)) ?? ""
        // The last line may not be whole yet.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap {
            try? JSONDecoder().decode(Call.self, from: Data($0.utf8))
        }
    }

    package func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    private static let script = """
        import base64, hashlib, hmac, http.server, json, os, ssl, sys, threading, time

        folder, certificate, key = sys.argv[1:4]
        counts, lock = {}, threading.Lock()

        def is_signed(headers, body):
            try:
                secret = base64.b64decode(open(folder + "/secret").read().removeprefix("whsec_"))
            except FileNotFoundError:
                return False
            signed = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
            code = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
            near = abs(time.time() - int(headers["webhook-timestamp"])) < 300
            return near and hmac.compare_digest(code, headers["webhook-signature"])

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = {"path": self.path, "id": self.headers["webhook-id"], "isSigned": is_signed(self.headers, body),
                        "body": json.loads(body)}
                with lock:
                    count = counts.get(self.path, 0)
                    counts[self.path] = count + 1
                    with open(folder + "/calls", "a") as file:
                        file.write(json.dumps(call) + "\\n")
                if self.path == "/large":
                    return self.large()
                while self.path == "/hang" and not os.path.exists(folder + "/release"):
                    time.sleep(0.01)
                codes = [200] if self.path == "/hang" else [int(code) for code in self.path.strip("/").split(",")]
                code = codes[min(count, len(codes) - 1)]
                self.send_response(code)
                if 300 <= code < 400:
                    self.send_header("Location", "/200")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def large(self):
                self.send_response(200)
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(b"x" * 65536)
                except OSError:
                    pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        with open(folder + "/port.new", "w") as file:
            file.write(str(server.server_address[1]))
        os.rename(folder + "/port.new", folder + "/port")
        server.serve_forever()
        """
}
