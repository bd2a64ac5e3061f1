import Foundation
import GateSupport

/// One node: a gate with a data directory of its own, and its own way to the database.
final class ClusterNode {
    /// As it greets.
    let name: String
    let gate: GateProcess
    let link: DatabaseLink
    private let clock: InjectedClock

    init(number: Int, gate: GateProcess, link: DatabaseLink, clock: InjectedClock) {
        name = ClusterNode.name(number)
        self.gate = gate
        self.link = link
        self.clock = clock
    }

    static func name(_ number: Int) -> String { "node\(number).example.org" }

    /// Sets its clock apart from the machine's, while it runs.
    func setClock(apart seconds: Int) { clock.set(seconds) }

    func remove() {
        gate.remove()
        link.stop()
    }
}

/// A file that a gate maps into its memory, with how far its clock is apart.
struct InjectedClock {
    let file: URL

    init(in directory: URL) throws {
        file = directory.appendingPathComponent("clock")
        try InjectedClock.octets(0).write(to: file)
    }

    func set(_ seconds: Int) {
        // Over what is there: another file would not be the one that is mapped.
        guard let handle = try? FileHandle(forWritingTo: file) else { return }
        try? handle.write(contentsOf: InjectedClock.octets(seconds))
        try? handle.close()
    }

    private static func octets(_ seconds: Int) -> Data { withUnsafeBytes(of: Int64(seconds) * 1000) { Data($0) } }
}
