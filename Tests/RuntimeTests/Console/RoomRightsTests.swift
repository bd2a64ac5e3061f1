import Console
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Each role at each page, and at each act of each page, against a gate that serves.
@Suite(.ownThreads) struct RoomRightsTests {
    private static let people: [String: [Role]] = {
        var people: [String: [Role]] = ["nobody@example.org": []]
        for role in Role.allCases { people["\(role.rawValue)@example.org"] = [role] }
        return people
    }()

    private static func rooms() async throws -> [Room] {
        Rooms(administration: try await TestData().administration(), checkOwnPassword: { _, _, _ in .busy }, now: { .now }).all
    }

    private static func address(_ room: Room) -> String {
        "/" + room.path.split(separator: "/").map { $0.hasPrefix("{") ? "x" : String($0) }.joined(separator: "/")
    }

    /// What is nobody's business but one's own needs no right; all else does.
    @Test func onlyOwnPagesAreForEverybody() async throws {
        let everybodys: Set<Substring?> = [nil, "me", "help", "go"]
        for room in try await RoomRightsTests.rooms() where !everybodys.contains(room.path.split(separator: "/").first) {
            #expect(!room.scopes.isEmpty, "\(room.path)")
            for (name, act) in room.acts { #expect(!act.scopes.isEmpty, "\(name) of \(room.path)") }
        }
    }

    @Test func eachRoleSeesAndDoesWhatTheTableSaysAndNothingElse() async throws {
        let matrix = try RoleMatrix()
        let rooms = try await RoomRightsTests.rooms()
        try await APIServer.run(people: RoomRightsTests.people) { server in
            for (person, roles) in RoomRightsTests.people {
                let visitor = try await Visitor.signedIn(server, person)
                let token = try await visitor.get("/me").token
                // Everybody at the console is an author.
                func may(_ scopes: Set<String>) -> Bool { scopes.isEmpty || (roles + [.author]).contains { matrix.may($0, scopes) } }
                for room in rooms {
                    let path = RoomRightsTests.address(room)
                    let answer = try await visitor.get(path)
                    let live = try await visitor.live(path)
                    if may(room.scopes) {
                        #expect(answer.status != 403 && !answer.location.hasPrefix("/sign-in"), "\(person) \(path): \(answer.status)")
                    } else {
                        #expect(answer.status == 403 && live == 403, "\(person) \(path): \(answer.status), live \(live)")
                        #expect(answer.body.contains(room.scopes.sorted()[0]), "\(path)")
                    }
                    for (name, act) in room.acts where !may(room.scopes) || !may(act.scopes) {
                        let refused = try await visitor.post(path, ["do": name], token: token)
                        #expect(refused.status == 403, "\(person) \(name) of \(path): \(refused.status)")
                    }
                }
            }
            let stranger = Visitor(server)
            for room in rooms {
                let path = RoomRightsTests.address(room)
                #expect(try await stranger.get(path).location.hasPrefix("/sign-in?next="), "\(path)")
                #expect(try await stranger.live(path) == 303)
                for name in room.acts.keys {
                    #expect(try await stranger.post(path, ["do": name], token: "x").location.hasPrefix("/sign-in"), "\(name) of \(path)")
                }
            }
        }
    }

    @Test func nobodySeesOrEndsWhatIsSomebodyElses() async throws {
        try await APIServer.run(people: ["b@example.org": [], "c@example.org": []]) { server in
            let (anna, carl) = (try await Visitor.signedIn(server, "b@example.org"), try await Visitor.signedIn(server, "c@example.org"))
            let access = try await AdministrationAccess.open(server.directory)
            let key = AddAPIKey(key: "bs", scopes: [.messagesSend], account: EmailAddress("b@example.org"))
            let sent = try await server.call(
                "POST", "/v1/messages", #"{"from":"b@example.org","to":["d@example.net"],"subject":"for Dora alone","text":"x"}"#,
                key: try await access.perform(key).token)
            let id = try #require(sent.fields["id"] as? String)
            #expect(try await anna.get("/me").body.contains("for Dora alone"))
            #expect(try await anna.get("/me/\(id)").status == 200)
            #expect(try await !carl.get("/me").body.contains("for Dora alone"))
            let foreign = try await carl.get("/me/\(id)")
            #expect(foreign.status == 404 && !foreign.body.contains("Dora"))
            // Another's session, by its number.
            let session = try #require(
                try await access.perform(ListSessions(account: EmailAddress("b@example.org"))).first)
            _ = try await carl.post("/me/security", ["do": "end", "session": session.id])
            #expect(try await anna.get("/me").status == 200)
        }
    }
}

extension Visitor {
    /// The status that following a page is answered with.
    func live(_ path: String) async throws -> Int { try await status("/live?page=\(Visitor.encode(path))") }
}
