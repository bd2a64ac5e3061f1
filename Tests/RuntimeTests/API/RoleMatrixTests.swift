import Console
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Who may do what, as `docs/api.md` says it.
struct RoleMatrix {
    /// By right, the roles that have it.
    private(set) var roles: [String: Set<Role>] = [:]

    /// Reads the table whose first column is called `right`.
    init() throws {
        let text = try String(contentsOfFile: "\(SourceTree.root)/docs/api.md", encoding: .utf8)
        let lines = text.split(separator: "\n")
        let head = try #require(lines.firstIndex { $0.hasPrefix("| right |") }, "docs/api.md has no table of rights")
        func cells(_ line: Substring) -> [String] {
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
        }
        let columns = try cells(lines[head]).dropFirst(2).map { try #require(Role(rawValue: $0), "\($0) is no role") }
        for line in lines[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let row = cells(line)
            #expect(row.count == columns.count + 2 && !row[1].isEmpty && roles[row[0]] == nil, "\(line)")
            roles[row[0]] = Set(zip(columns, row.dropFirst(2)).filter { $1 == "yes" }.map(\.0))
        }
    }

    func may(_ role: Role, _ scopes: Set<String>) -> Bool { scopes.contains { roles[$0]?.contains(role) ?? false } }
}

@Suite(.ownThreads) struct RoleMatrixTests {
    @Test func theDocumentedTableIsWhatRolesMay() throws {
        let documented = try RoleMatrix().roles
        #expect(Set(documented.keys) == Set(AccessScope.allCases.map(\.rawValue)), "docs/api.md names each right once")
        for scope in AccessScope.allCases {
            #expect(documented[scope.rawValue] == Set(Role.allCases.filter { $0.scopes.contains(scope) }), "\(scope.rawValue)")
        }
    }

    private func routes() async throws -> [APIRoute] {
        let data = try await TestData()
        let gate = RecordingGate()
        let submission = MessageSubmission(
            gate: gate, store: data.store, recipientsMax: 10, messageBytesMax: 1 << 20, now: { TestData.now })
        return APIRoutes(
            administration: data.administration(live: gate), gate: gate, submission: submission, now: { TestData.now }
        ).all
    }

    /// Every role at every operation, over HTTP. A query field that no operation has keeps those that are allowed from doing anything: rights
    /// are asked for first.
    @Test func eachRoleDoesWhatTheTableSaysAndNothingElse() async throws {
        let matrix = try RoleMatrix()
        let routes = try await routes()
        #expect(routes.count > 150)
        try await APIServer.run { server in
            for role in Role.allCases {
                let key = try await server.key(role.rawValue, roles: [role])
                for route in routes {
                    let answer = try await server.call(route.method.rawValue, RoleMatrixTests.address(route), key: key)
                    if matrix.may(role, route.scopes) {
                        #expect([400, 404].contains(answer.status), "\(role) may \(route.operation): \(answer.status) \(answer.body)")
                    } else {
                        #expect(answer.status == 403, "\(role) may not \(route.operation): \(answer.status)")
                        #expect(answer.detail.contains(route.scopes.sorted()[0]), "\(route.operation) \(answer.detail)")
                    }
                }
            }
            for route in routes {
                for key in ["", "postern_nobody_\(String(repeating: "0", count: 40))"] {
                    let answer = try await server.call(route.method.rawValue, RoleMatrixTests.address(route), key: key)
                    #expect(answer.status == 401 && !answer.body.contains(route.operation), "\(route.operation)")
                }
            }
        }
    }

    private static func address(_ route: APIRoute) -> String {
        let path = route.path.split(separator: "/").map { $0.hasPrefix("{") ? "x" : String($0) }.joined(separator: "/")
        return "/\(path)?unheard-of=1"
    }

    /// Whose key sends, sees what came of its own mail, and not what others sent or what came back to them.
    @Test func anAuthorSeesNothingOfOthers() async throws {
        try await APIServer.run { server in
            let author = try await server.key("author", roles: [.author], grants: [.any])
            let own = try await server.call("POST", "/v1/messages", RoleMatrixTests.message, key: author)
            let foreign = try await server.call("POST", "/v1/messages", RoleMatrixTests.message)
            #expect(own.status == 202 && foreign.status == 202)
            #expect(try await server.call("GET", own.headers["location"] ?? "", key: author).status == 200)
            for path in [foreign.headers["location"] ?? "", (foreign.headers["location"] ?? "") + "/recipients/0"] {
                #expect(try await server.call("GET", path, key: author).status == 404, "\(path)")
            }
            for path in ["/v1/returned/x", "/v1/returned", "/v1/trace", "/v1/queue", "/v1/audit", "/v1/accounts"] {
                #expect(try await server.call("GET", path, key: author).status == 403, "\(path)")
            }
        }
    }

    private static let message = #"{"from":"a@example.org","to":["b@example.net"],"subject":"x","text":"x"}"#

    @Test func aSavedSearchOfSomebodyElseIsNotThere() async throws {
        let data = try await TestData()
        let administration = data.administration()
        func act(_ actor: String) -> Act { Act(actor: actor, reason: "", at: TestData.now) }
        _ = try await administration.perform(AddSavedSearch(search: "mine", text: "anna"), act("account:a@example.org"))
        for name in ["mine", "account:a@example.org/mine"] {
            await #expect(throws: AdministrationError.self) {
                try await administration.perform(RemoveSavedSearch(search: name), act("account:b@example.org"))
            }
        }
        #expect(try await administration.perform(ListSavedSearches(), act("account:b@example.org")).isEmpty)
        _ = try await administration.perform(RemoveSavedSearch(search: "mine"), act("account:a@example.org"))
    }
}
