import Foundation
import Testing

@testable import Console

struct RoutingTests {
    private func route(_ method: APIRoute.Method, _ path: String) -> APIRoute {
        APIRoute(
            method, path, operation: "\(method.rawValue) \(path)", summary: "", scopes: ["a"],
            input: JSONSchema(.object([:], isOpen: false)),
            status: 200, output: nil, problems: [], isAct: false
        ) { _ in APIResponse(body: nil) }
    }

    private func found(_ method: String, _ path: String) -> String {
        let router = APIRouter([
            route(.get, "/v1/things"), route(.post, "/v1/things"), route(.delete, "/v1/things/{name}"),
            route(.get, "/v1/things/{name}/parts"),
        ])
        switch router.match(method: method, path: path) {
        case .nothing: return "nothing"
        case .otherMethods(let methods): return methods.joined(separator: ",")
        case .route(let route, let fields): return "\(route.path) \(fields.map { "\($0)=\($1)" }.joined())"
        }
    }

    @Test(
        arguments: [
            ("GET", "/v1/things", "/v1/things "), ("PUT", "/v1/things", "GET,POST"),
            ("DELETE", "/v1/things/a%2Fb", "/v1/things/{name} name=a/b"),
            ("GET", "/v1/things/a", "DELETE"), ("GET", "/v1/things/", "nothing"), ("GET", "/v1/things/a%ZZ/parts", "nothing"),
            ("GET", "/v1/things/%FF/parts", "nothing"), ("GET", "/v1", "nothing"), ("GET", "//v1/things", "nothing"),
            ("GET", "/v1/things/a/parts/x", "nothing"), ("GET", "/v1/things//parts", "nothing"),
        ])
    func pathsAreMatchedByWholeSegments(_ method: String, _ path: String, _ expected: String) {
        #expect(found(method, path) == expected)
    }

    private let fields: [String: JSONSchema.Property] = [
        "name": .init(JSONSchema(.string)), "count": .init(.integer(1...9)), "flag": .init(JSONSchema(.boolean)),
        "to": .init(JSONSchema(.array(JSONSchema(.string)))),
    ]

    @Test func queryParametersHaveTheirTypes() throws {
        let values = try QueryFields.read("name=a+b%26&count=3&flag=true&to=x&to=y", fields)
        #expect(values == ["name": "a b&", "count": 3, "flag": true, "to": ["x", "y"]])
        #expect(try QueryFields.read(nil, fields).isEmpty)
    }

    @Test(arguments: ["other=1", "count=x", "name=a&name=b", "flag=1", "name=%F"])
    func badParametersAreRefused(_ query: String) {
        let problem = #expect(throws: Problem.self) { try QueryFields.read(query, fields) }
        #expect(problem?.status == 400)
    }

    @Test func aCursorComesBackAndNothingElseDoes() throws {
        let cursor = Cursor.make(["a/b", "ü"])
        #expect(try Cursor.read(cursor, count: 2) == ["a/b", "ü"])
        for text in ["", "x", cursor + "x", "W10", String(repeating: "A", count: 2000), Cursor.make(["a"])] {
            #expect(throws: Problem.self, "\(text)") { try Cursor.read(text, count: 2) }
        }
    }

    @Test func aProblemHasTheMembersOfItsStandard() throws {
        let problem = Problem.invalid([FieldProblem(.body, "/a", "is missing"), FieldProblem(.query, "b", "is no number")])
        guard case .object(let fields) = try JSONValue(json: problem.document(instance: "7")) else {
            Issue.record("no object")
            return
        }
        #expect(fields["type"] == "urn:postern:problem:invalid-request")
        #expect(fields["status"] == 400)
        #expect(fields["instance"] == "urn:postern:request:7")
        #expect(fields["detail"] == "/a is missing; and 1 more")
        #expect(
            fields["errors"] == [
                ["in": "body", "pointer": "/a", "detail": "is missing"], ["in": "query", "field": "b", "detail": "is no number"],
            ])
    }

    @Test func workThatTakesTooLongIsLeft() async {
        let problem = Problem.unavailable("late")
        await #expect(throws: problem) {
            try await TimeLimit.run(.milliseconds(1), orElse: problem) { try await Task.sleep(for: .seconds(3600)) }
        }
        await #expect(throws: Problem.conflict("x")) {
            try await TimeLimit.run(.seconds(3600), orElse: problem) { throw Problem.conflict("x") }
        }
    }
}
