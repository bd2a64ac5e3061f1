import Foundation
import GateSupport

/// rspamd itself, with two rules of our own and no network: subjects with `prize` get 20 points, those with `friend` 3 less.
struct RspamdServer {
    let port: Int
    private let process: Process
    private let folder: URL

    static let path = "/usr/bin/rspamd"
    private static let runUser = "/usr/sbin/runuser"

    /// Nil where it does not come up.
    static func start(port: Int = freePort()) throws -> RspamdServer? {
        let folder = try TemporaryDirectory.make()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
        let configuration = """
            options {
              pidfile = "\(folder.path)/pid"; filters = ""; tempdir = "\(folder.path)"; cache_file = "\(folder.path)/cache";
              history_file = "\(folder.path)/history"; control_socket = "\(folder.path)/control mode=0600";
              dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
            }
            logging { type = "file"; filename = "\(folder.path)/log"; level = "error"; }
            worker "normal" { bind_socket = "127.0.0.1:\(port)"; count = 1; }
            actions { reject = 15; add_header = 6; greylist = 4; }
            lua = "\(folder.path)/rules.lua";
            """
        let rules = """
            local function subject(task) return task:get_subject() or "" end
            rspamd_config:register_symbol({ name = "TEST_PRIZE", score = 20.0, callback = function(task)
              if subject(task):find("prize") then return true end
            end })
            rspamd_config:register_symbol({ name = "TEST_FRIEND", score = -3.0, callback = function(task)
              if subject(task):find("friend") and task:get_user() then return true end
            end })
            """
        try Data(configuration.utf8).write(to: folder.appendingPathComponent("rspamd.conf"))
        try Data(rules.utf8).write(to: folder.appendingPathComponent("rules.lua"))
        // It refuses to work as root.
        let arguments = ["-f", "-c", "\(folder.path)/rspamd.conf"]
        let process =
            getuid() == 0
            ? try Program.start(runUser, ["-u", "nobody", "--", path] + arguments, input: nil, output: nil, errors: nil)
            : try Program.start(path, arguments, input: nil, output: nil, errors: nil)
        let server = RspamdServer(port: port, process: process, folder: folder)
        // It compiles its rules first, which takes its time on a busy machine.
        if eventually({ (try? server.answers()) == true }) { return server }
        server.stop()
        return nil
    }

    private func answers() throws -> Bool {
        let stream = try LoopbackStream.connect(port: port)
        // The port is there before the worker is.
        stream.write("GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return stream.readLine()?.contains("200") == true
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
