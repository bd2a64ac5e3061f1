import Foundation

/// A proxy on loopback, in Python, that leaves from another address: SOCKS5 (RFC 1928, RFC 1929), and what HAProxy does with PROXY version 2.
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
package final class ProxyServer: @unchecked Sendable {
    private let directory: URL
    private let process: Process
    package let port: Int

    /// `password`: what SOCKS5 wants of the user `postern`; nil: no sign-in.
    package init(from address: String, password: String? = nil) throws {
        directory = try TemporaryDirectory.make()
        let file = directory.appendingPathComponent("port")
        process = try Program.start(
            Program.python, ["-c", ProxyServer.script, directory.path, address, password ?? ""], input: nil, output: nil,
            errors: directory.appendingPathComponent("errors"))
        var port = 0
        _ = eventually {
            port = Int((try? String(contentsOf: file, encoding: .utf8)) ?? "") ?? 0
            return port != 0
        }
        self.port = port
        guard port != 0 else { throw GateProcess.Failure(description: "the proxy did not start") }
    }

    /// `socks5`, `socks5-password` or `haproxy` for each connection that was made, without those of tests of a route.
    package var connections: [String] {
        ((try? String(contentsOf: directory.appendingPathComponent("connections"), encoding: .utf8)) ?? "").split(separator: "\n").map(
            String.init)
    }

    package func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    private static let script = """
        import os, socket, socketserver, sys, threading

        folder, address, password = sys.argv[1:4]

        class Proxy(socketserver.BaseRequestHandler):
            def take(self, count):
                octets = b""
                while len(octets) < count:
                    part = self.request.recv(count - len(octets))
                    if not part:
                        raise OSError("closed")
                    octets += part
                return octets

            def handle(self):
                try:
                    first = self.take(1)
                    kind, target = self.socks() if first == b"\\x05" else self.haproxy(first)
                    out = socket.create_connection(target, source_address=(address, 0))
                    if kind != "haproxy":
                        # In two parts, as networks do.
                        self.request.sendall(b"\\x05\\x00\\x00")
                        self.request.sendall(b"\\x01" + socket.inet_aton(address) + b"\\x00\\x19")
                    with open(folder + "/connections", "a") as file:
                        file.write(kind + "\\n")
                    threading.Thread(target=self.carry, args=(out, self.request), daemon=True).start()
                    self.carry(self.request, out)
                except OSError:
                    pass

            def carry(self, source, target):
                try:
                    while part := source.recv(65536):
                        target.sendall(part)
                    target.shutdown(socket.SHUT_WR)
                except OSError:
                    pass

            def socks(self):
                methods = self.take(self.take(1)[0])
                if password:
                    assert 2 in methods
                    self.request.sendall(b"\\x05\\x02")
                    assert self.take(1) == b"\\x01"
                    user = self.take(self.take(1)[0])
                    right = (user, self.take(self.take(1)[0])) == (b"postern", password.encode())
                    self.request.sendall(b"\\x01" + (b"\\x00" if right else b"\\x01"))
                    assert right
                else:
                    self.request.sendall(b"\\x05\\x00")
                assert self.take(4) == b"\\x05\\x01\\x00\\x01"
                return "socks5-password" if password else "socks5", (socket.inet_ntoa(self.take(4)), int.from_bytes(self.take(2), "big"))

            def haproxy(self, first):
                assert first + self.take(11) == b"\\r\\n\\r\\n\\x00\\r\\nQUIT\\n"
                assert self.take(2) == b"\\x21\\x11"
                body = self.take(int.from_bytes(self.take(2), "big"))
                assert socket.inet_ntoa(body[:4]) == address
                return "haproxy", (socket.inet_ntoa(body[4:8]), int.from_bytes(body[10:12], "big"))

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        server = Server(("127.0.0.1", 0), Proxy)
        with open(folder + "/port.new", "w") as file:
            file.write(str(server.server_address[1]))
        os.rename(folder + "/port.new", folder + "/port")
        server.serve_forever()
        """
}
