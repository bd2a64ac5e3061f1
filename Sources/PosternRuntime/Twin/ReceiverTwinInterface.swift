import Console
import Foundation
import MailModel
import ProviderTwin

/// The HTTP side of a receiver: who sent what, what it thinks of them, and what can be done.
struct ReceiverTwinInterface: Sendable {
    let provider: ReceiverProvider
    let world: ProviderWorld

    private struct Sender: Encodable {
        var sender: String
        var messagesOfDay: Int
        var allowance: Int?
        /// Of ten thousand messages.
        var complaints: Int
        var bulk: Bool
    }

    private struct State: Encodable {
        var provider: String
        var now: String
        var clock: String
        var senders: [Sender]
        var counts: ProviderWorld.Counts
        var settings: [String: Int]
    }

    private struct Authentication: Decodable {
        var spf: Bool?
        var dkim: Bool?
        var dmarc: Bool?
    }

    private struct Complaints: Decodable {
        var domain: DomainName
        var address: String?
        var count: Int
    }

    func answer(_ request: SmallRequest) -> SmallResponse {
        do {
            return try interface(request)
        } catch {
            return problem(400, "The body cannot be read: \(error)")
        }
    }

    private func problem(_ status: Int, _ text: String) -> SmallResponse {
        SmallResponse(status, "application/json", (try? JSONText.encode(TwinProblem(detail: text))) ?? "{}")
    }

    private func json(_ value: some Encodable) throws -> SmallResponse {
        SmallResponse(200, "application/json", try JSONText.encode(value) + "\n")
    }

    private func interface(_ request: SmallRequest) throws -> SmallResponse {
        let body = Data(request.body)
        switch (request.method, request.path.prefix(2).joined(separator: "/"), request.path.count) {
        case ("GET", "", 0), ("GET", "v1/state", 2): return try json(state())
        case ("GET", "v1/messages", 2):
            return try json(
                world.use { state, now in state.mailbag.messages.reversed().prefix(1000).map { TwinMessageView($0, at: now) } })
        case ("GET", "v1/messages", 3):
            let id = request.path[2]
            guard let content = world.use({ state, _ in state.mailbag.messages.first { $0.id == id }?.content }) else {
                return problem(404, "There is no such message; only the newest are kept.")
            }
            return SmallResponse(200, "message/rfc822", bytes: content)
        case ("POST", "v1/clock", 2):
            let jump = try JSONText.decode(TwinJump.self, from: body)
            guard TwinJump.range.contains(jump.seconds) else { return problem(400, TwinJump.mistake) }
            world.clock.jump(.seconds(jump.seconds))
            return try json(state())
        case ("PATCH", "v1/settings", 2): return try set(JSONText.decode([String: Int].self, from: body))
        case ("PATCH", "v1/domains", 3): return try authenticate(request.path[2], JSONText.decode(Authentication.self, from: body))
        case ("POST", "v1/complaints", 2): return try complain(JSONText.decode(Complaints.self, from: body))
        default: return problem(404, "There is nothing here; docs/twin.md lists what there is.")
        }
    }

    private func state() -> State {
        let (name, factor) = (provider.rawValue, world.clock.factor)
        return world.use { state, now in
            State(
                provider: name, now: now.rfc3339, clock: "\(factor)x",
                senders: state.model.senders(most: 200, at: now).map {
                    Sender(
                        sender: $0.sender, messagesOfDay: $0.messagesOfDay, allowance: $0.allowance, complaints: $0.complaintShare,
                        bulk: $0.isBulk)
                }, counts: state.counts, settings: state.model.settings.byName)
        }
    }

    private func set(_ values: [String: Int]) throws -> SmallResponse {
        let wrong = world.use { state, _ in
            var settings = state.model.settings
            let wrong = values.sorted { $0.key < $1.key }.first { !settings.set($0.key, $0.value) }?.key
            if wrong == nil { state.model.configure(settings) }
            return wrong
        }
        if let wrong { return problem(400, "\(wrong) is not a setting, or its number is out of range.") }
        return try json(state())
    }

    private func authenticate(_ text: String, _ change: Authentication) throws -> SmallResponse {
        guard let domain = DomainName(text) else { return problem(400, "\(text) is no domain.") }
        let (spf, dkim, dmarc) = (change.spf, change.dkim, change.dmarc)
        world.use { state, _ in
            var found = state.model.authentication[domain.text] ?? ReceiverAuthentication()
            (found.spf, found.dkim, found.dmarc) = (spf ?? found.spf, dkim ?? found.dkim, dmarc ?? found.dmarc)
            state.model.authenticate(domain, as: found)
        }
        return try json(state())
    }

    private func complain(_ complaints: Complaints) throws -> SmallResponse {
        guard (1...1_000_000).contains(complaints.count) else { return problem(400, "count is from 1 to 1000000.") }
        let (domain, address, count) = (complaints.domain, complaints.address.flatMap { IPAddress($0) }, complaints.count)
        world.use { state, now in state.model.complained(about: domain, from: address, count: count, at: now) }
        return try json(state())
    }
}
