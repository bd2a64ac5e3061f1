import Dispatch
import MailModel
import Simulation
import Synchronization

/// Simulations of this process in the background: one at a time, a few that wait, the newest kept. They are gone when it stops.
final class SimulationDesk: Sendable {
    static let shared = SimulationDesk()

    /// Messages of one plan: some minutes.
    static let messagesMax = 200_000
    private static let waitingMax = 4
    private static let keptMax = 20

    private struct Job: Sendable {
        var view: SimulationJobView
        var begun: ContinuousClock.Instant?
        var isStopped = false
    }

    private struct State: Sendable {
        var jobs: [Job] = []
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "postern.simulation", qos: .utility)

    /// Throws `AdministrationError` for a plan that cannot be read, and where too many wait.
    func start(_ yaml: String, actor: String, at now: Timestamp) throws -> SimulationJobView {
        let plan = try SimulationFile.read(yaml)
        guard plan.batches.reduce(0, { $0 + $1.messages }) <= SimulationDesk.messagesMax else {
            throw AdministrationError(
                .invalid, "a plan of more than \(SimulationDesk.messagesMax) messages takes too long beside the gate",
                "Run it with `postern simulate`.")
        }
        let view = try state.withLock { state in
            guard state.jobs.count(where: { !$0.view.isOver }) <= SimulationDesk.waitingMax else {
                throw AdministrationError(.unavailable, "\(SimulationDesk.waitingMax) simulations wait already", "Stop one of them.")
            }
            if state.jobs.count >= SimulationDesk.keptMax, let oldest = state.jobs.firstIndex(where: \.view.isOver) {
                state.jobs.remove(at: oldest)
            }
            state.lastNumber += 1
            let names = plan.batches.prefix(3).map { "\($0.messages) \($0.name)" }.joined(separator: ", ")
            let view = SimulationJobView(
                id: "\(state.lastNumber)", name: names, plan: yaml, by: actor, at: now.rfc3339, state: .waiting, percent: 0)
            state.jobs.append(Job(view: view))
            return view
        }
        queue.async { self.run(view.id, yaml) }
        return view
    }

    private func run(_ id: String, _ yaml: String) {
        guard
            change(
                id,
                { job in
                    guard !job.isStopped else { return }
                    job.view.state = .running
                    job.begun = .now
                })
        else { return }
        do {
            let outcome = try SimulationRun.run(yaml: yaml) { done, all in self.progressed(id, done, all) }
            _ = change(id) { job in
                job.view.state = job.isStopped ? .stopped : .done
                job.view.percent = job.isStopped ? job.view.percent : 100
                job.view.outcome = job.isStopped ? nil : outcome.view
            }
        } catch {
            _ = change(id) { job in
                job.view.state = .failed
                job.view.problem = "\(error)"
            }
        }
    }

    /// False: it is to end.
    private func progressed(_ id: String, _ done: Int, _ all: Int) -> Bool {
        change(id) { job in
            guard all > 0, let begun = job.begun else { return }
            job.view.percent = min(99, done * 100 / all)
            let elapsed = (ContinuousClock.now - begun).milliseconds
            job.view.secondsLeft = done > 0 ? Int(elapsed * Int64(max(0, all - done)) / Int64(done) / 1000) : nil
        }
    }

    /// False where it is gone or was stopped.
    private func change(_ id: String, _ body: (inout sending Job) -> Void) -> Bool {
        state.withLock { state in
            guard let index = state.jobs.firstIndex(where: { $0.view.id == id }) else { return false }
            body(&state.jobs[index])
            return !state.jobs[index].isStopped
        }
    }

    /// Newest first, without what they came to.
    var list: [SimulationJobView] {
        state.withLock { state in
            state.jobs.reversed().map { job in
                var view = job.view
                view.outcome = nil
                return view
            }
        }
    }

    func show(_ id: String) -> SimulationJobView? { state.withLock { state in state.jobs.first { $0.view.id == id }?.view } }

    /// Ends one that runs or waits. False where there is none.
    func stop(_ id: String) -> Bool {
        state.withLock { state in
            guard let index = state.jobs.firstIndex(where: { $0.view.id == id }) else { return false }
            if !state.jobs[index].view.isOver {
                state.jobs[index].isStopped = true
                state.jobs[index].view.state = .stopped
            }
            return true
        }
    }
}

/// A simulation in the background.
package struct SimulationJobView: Codable, Sendable {
    package enum State: String, Codable, Sendable, CaseIterable {
        case waiting, running, done, stopped, failed
    }

    package var id: String
    package var name: String
    /// As it was written, YAML.
    package var plan: String
    package var by: String
    /// When it was asked for.
    package var at: String
    package var state: State
    package var percent: Int
    /// An estimate; nil before there is one.
    package var secondsLeft: Int?
    package var problem: String?
    package var outcome: SimulationView?

    package var isOver: Bool { state != .waiting && state != .running }
}
