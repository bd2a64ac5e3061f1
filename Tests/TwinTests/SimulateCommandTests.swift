import Foundation
import GateSupport
import OwnThreads
import Testing

@Suite(.timeLimit(.minutes(10)), .ownThreads) struct SimulateCommandTests {
    private static let plans = ExchangeTwinTests.here.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Examples/plans")

    private func simulate(_ arguments: [String]) throws -> ProgramRun { try Program.run(Program.postern, ["simulate"] + arguments) }

    @Test func `a plan that ends badly says so, and proposes a better one`() throws {
        let run = try simulate([SimulateCommandTests.plans.appendingPathComponent("naive.yaml").path, "--json"])
        #expect(run.status == 0, "\(run)")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(object["good"] as? Bool == false && object["delivered"] as? Int == 500)
        #expect((object["restricted"] as? [[String: Any]])?.count == 1)
        let proposal = try #require(object["proposal"] as? [String: Any])
        #expect((proposal["words"] as? String)?.contains("500 recipients per hour") == true)
        #expect(try simulate([SimulateCommandTests.plans.appendingPathComponent("naive.yaml").path, "--check"]).status == 1)
    }

    @Test func `a plan that ends well draws its picture`() throws {
        try TemporaryDirectory.with { directory in
            let plan = directory.appendingPathComponent("plan.yaml")
            try Data("send:\n  - messages: 100\n    over: 10m\n".utf8).write(to: plan)
            let picture = directory.appendingPathComponent("picture.svg")
            let run = try simulate([plan.path, "--svg", picture.path])
            #expect(run.status == 0 && run.output.contains("100 of 100 recipients delivered, 0 failed, 0 wait still"), "\(run)")
            #expect(run.output.contains("delivered ") && run.output.contains("█"))
            #expect(try String(contentsOf: picture, encoding: .utf8).hasPrefix("<svg "))
        }
    }

    @Test(arguments: ["send: []", "send: [{messages: 0}]", "send: [{messages: 1}]\nmailbox: x", "send: [{messages: 1}]\nlongest: 1", "["])
    func `a plan that cannot be is wrong usage`(_ text: String) throws {
        try TemporaryDirectory.with { directory in
            let plan = directory.appendingPathComponent("plan.yaml")
            try Data(text.utf8).write(to: plan)
            let run = try simulate([plan.path])
            #expect(run.status == 2 && !run.errors.isEmpty, "\(run)")
        }
    }

    @Test func `seeds run with faults`() throws {
        let run = try simulate(["--seeds", "3", "--first-seed", "1000"])
        #expect(run.status == 0 && run.output == "3 of 3 seeds kept every promise\n", "\(run)")
    }
}
