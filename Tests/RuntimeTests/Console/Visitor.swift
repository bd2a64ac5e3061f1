import Foundation
import MailModel
import OutboundPolicy
import Testing

@testable import PosternRuntime

/// Somebody with a browser that has no script: keeps cookies, follows forms.
final class Visitor {
    struct Answer {
        var status: Int
        var head: String
        var body: String
        /// Of `Location`; empty where there is none.
        var location: String {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("location:") }.map {
                String($0.dropFirst(9)).trimmingCharacters(in: .whitespaces)
            }
                ?? ""
        }
        /// What every form of the page carries.
        var token: String { value(of: "token") }

        /// Of the first hidden field of that name.
        func value(of name: String) -> String {
            guard let start = body.range(of: "name=\"\(name)\" value=\"") else { return "" }
            return String(body[start.upperBound...].prefix { $0 != "\"" })
        }
    }

    private let server: APIServer
    private(set) var cookies: [String: String] = [:]
    var headers: [String: String] = [:]

    init(_ server: APIServer) { self.server = server }

    func get(_ path: String) async throws -> Answer { try await send("GET", path, "") }

    /// The answer's status alone: a stream of events goes on.
    func status(_ path: String) async throws -> Int {
        let cookie = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        return try await server.status("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: \(cookie)\r\n\r\n")
    }

    func post(_ path: String, _ fields: KeyValuePairs<String, String>, token: String? = nil) async throws -> Answer {
        let page = token == nil ? try await get(path).token : token ?? ""
        let all = fields.map { ($0.key, $0.value) } + [("token", page)]
        let body = all.map { "\(Visitor.encode($0.0))=\(Visitor.encode($0.1))" }.joined(separator: "&")
        return try await send("POST", path, body)
    }

    /// A form with one file, as a browser sends it.
    func upload(_ path: String, act: String, file: String, _ content: String) async throws -> Answer {
        let fields = [("do", act), ("token", try await get(path).token)].map {
            "--x\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n"
        }
        let part = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file)\"\r\nContent-Type: text/plain\r\n\r\n"
        return try await send("POST", path, fields.joined() + part + content + "\r\n--x--\r\n", type: "multipart/form-data; boundary=x")
    }

    static func encode(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }

    /// Of every account that a test's gate has.
    static let password = "a long password"

    static func signedIn(_ server: APIServer, _ address: String) async throws -> Visitor {
        let visitor = Visitor(server)
        let answer = try await visitor.signIn(address)
        #expect(answer.status == 303 && answer.location == "/", "\(answer.body)")
        return visitor
    }

    func signIn(_ address: String, _ password: String = Visitor.password) async throws -> Answer {
        try await post("/sign-in", ["name": address, "password": password, "next": "/"])
    }

    private func send(
        _ method: String, _ path: String, _ body: String, type: String = "application/x-www-form-urlencoded"
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if !cookies.isEmpty { head += "Cookie: \(cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if method == "POST" { head += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
        let text = try await server.exchange(head + "\r\n" + body)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        for line in lines where line.lowercased().hasPrefix("set-cookie:") {
            let pair = line.dropFirst(11).split(separator: ";")[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = pair[0].trimmingCharacters(in: .whitespaces)
            cookies[name] = line.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return Answer(
            status: try #require(Int(lines.first?.split(separator: " ").dropFirst().first ?? ""), "\(text)"),
            head: String(parts.first ?? ""),
            body: parts.count > 1 ? String(parts[1]) : "")
    }
}
