import Console
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct APITableTests {
    private func routes() async throws -> [APIRoute] {
        let data = try await TestData()
        let gate = RecordingGate()
        let submission = MessageSubmission(
            gate: gate, store: data.store, recipientsMax: 10, messageBytesMax: 1 << 20, now: { TestData.now })
        return APIRoutes(
            administration: data.administration(live: gate), gate: gate, submission: submission, now: { TestData.now }
        ).all
    }

    @Test func everyOperationHasARouteAndEveryRouteAnOperation() async throws {
        let names = try await routes().map(\.operation)
        #expect(Set(names).count == names.count, "each stands once")
        #expect(Set(names) == Set(OperationRegistry.names).union(["messages.send", "messages.recipient"]))
    }

    @Test func everyOperationHasACommand() throws {
        let folder = "\(SourceTree.root)/Sources/postern"
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") } ?? []
        // An import in parts is one command, which this performs.
        let importer = "\(SourceTree.root)/Sources/PosternRuntime/People/ListImporter.swift"
        let source = try (files.map { "\(folder)/\($0)" } + [importer]).map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        for type in OperationRegistry.typeNames { #expect(source.contains("\(type)("), "no command performs \(type)") }
        #expect(OperationRegistry.typeNames.count == OperationRegistry.names.count)
    }

    @Test func aRouteWantsWhatItsOperationWants() async throws {
        let scopes = Set(AccessScope.allCases.map(\.rawValue))
        for route in try await routes() {
            #expect(!route.scopes.isEmpty && route.scopes.isSubset(of: scopes), "\(route.operation)")
            #expect(route.path.hasPrefix("/v1/"))
            #expect(route.isAct == route.scopes.contains { AccessScope(rawValue: $0)?.isWrite ?? false }, "\(route.operation)")
        }
    }

    /// Where two paths fit one address, a method of the one seems to be a method of the other.
    @Test func noAddressFitsTwoPaths() async throws {
        let paths = Set(try await routes().map(\.path)).sorted().map { $0.split(separator: "/") }
        func fits(_ a: Substring, _ b: Substring) -> Bool { a == b || a.hasPrefix("{") || b.hasPrefix("{") }
        for (place, path) in paths.enumerated() {
            for other in paths[..<place] where path.count == other.count && zip(path, other).allSatisfy(fits) {
                Issue.record("/\(path.joined(separator: "/")) and /\(other.joined(separator: "/"))")
            }
        }
    }

    @Test func everyScopeOpensSomething() async throws {
        let used = try await routes().reduce(into: Set<String>()) { $0.formUnion($1.scopes) }
        #expect(used == Set(AccessScope.allCases.map(\.rawValue)))
    }

    @Test(arguments: [
        "postern_a_", "postern__\(String(repeating: "0", count: 52))", "a_b", "", "postern_a_\(String(repeating: "!", count: 52))",
    ])
    func whatIsNoTokenIsNotRead(_ text: String) { #expect(APIToken(text) == nil) }

    @Test func aTokenComesBackAsItWas() throws {
        let token = APIToken.make(name: "my_app.1")
        let read = try #require(APIToken(token.description))
        #expect(read == token)
        #expect(ConstantTime.isEqual(read.secretHash, token.secretHash))
        #expect(!ConstantTime.isEqual(read.secretHash, APIToken.make(name: "my_app.1").secretHash))
        #expect(!ConstantTime.isEqual(read.secretHash, APIToken.noHash))
        #expect(!read.secretHash.contains(token.secret))
    }
}
