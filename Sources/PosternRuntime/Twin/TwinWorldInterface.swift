import Console
import Foundation
import MailModel
import ProviderTwin

/// The HTTP side of a world: one clock, the records, and each twin below its name.
struct TwinWorldInterface: Sendable {
    let clock: TwinClock
    let names: TwinNames
    let twins: [RunningTwin]
    /// Nil where nothing comes back.
    var returns: TwinReturns?

    private struct State: Encodable {
        struct Twin: Encodable {
            var name: String
            var address: String
            var port: Int
            var domains: [String]
            var messages: Int
        }

        var now: String
        var clock: String
        var twins: [Twin]
        /// What was sent back after it had been taken.
        var returns: TwinReturns.Counts?
    }

    private struct Record: Codable {
        var name: DomainName
        var type: String
        /// Nil with DELETE: all of the type.
        var value: String?
    }

    var ports: [TwinWorldPorts.Member] {
        twins.map {
            TwinWorldPorts.Member(name: $0.member.name, address: $0.member.address, port: $0.port, domains: $0.member.domains.map(\.text))
        }
    }

    func answer(_ request: SmallRequest) -> SmallResponse {
        do {
            if let twin = twins.first(where: { $0.member.name == request.path.first }) {
                var inner = request
                inner.path.removeFirst()
                return twin.answer(inner)
            }
            return try own(request)
        } catch {
            return problem(400, "The body cannot be read: \(error)")
        }
    }

    private func own(_ request: SmallRequest) throws -> SmallResponse {
        let body = Data(request.body)
        switch (request.method, request.path.joined(separator: "/")) {
        case ("GET", ""): return SmallResponse(200, "text/html", page())
        case ("GET", "v1/state"): return try json(state())
        case ("POST", "v1/clock"), ("POST", "act"):
            let seconds =
                request.path.first == "act"
                ? request.form["seconds"].flatMap(Int.init) : try JSONText.decode(TwinJump.self, from: body).seconds
            guard let seconds, TwinJump.range.contains(seconds) else { return problem(400, TwinJump.mistake) }
            clock.jump(.seconds(seconds))
            return request.path.first == "act" ? SmallResponse(303, "text/plain", "", location: ".") : try json(state())
        case ("GET", "v1/records"): return try json(records())
        case ("POST", "v1/records"), ("DELETE", "v1/records"):
            return try change(JSONText.decode(Record.self, from: body), isAdded: request.method == "POST")
        default: return problem(404, "There is nothing here; docs/twin.md lists what there is.")
        }
    }

    private func change(_ change: Record, isAdded: Bool) throws -> SmallResponse {
        if isAdded {
            guard let record = TwinRecord(type: change.type, value: change.value ?? ""),
                names.change({ zone in zone.add(change.name, record) })
            else { return problem(400, "This is no record, or too much for one name; types are A, AAAA, MX, TXT, CNAME, PTR and TLSA.") }
        } else {
            names.change { zone in zone.remove(change.name, type: change.type) }
        }
        return try json(records())
    }

    private func records() -> [Record] {
        names.zone.records.sorted { $0.key < $1.key }.flatMap { name, records in
            records.map { Record(name: name, type: $0.type, value: $0.value) }
        }
    }

    private func state() -> State {
        State(
            now: clock.now.rfc3339, clock: "\(clock.factor)x",
            twins: twins.map {
                State.Twin(
                    name: $0.member.name, address: $0.member.address, port: $0.port, domains: $0.member.domains.map(\.text),
                    messages: $0.messages)
            }, returns: returns?.counts)
    }

    private func problem(_ status: Int, _ text: String) -> SmallResponse {
        SmallResponse(status, "application/json", (try? JSONText.encode(TwinProblem(detail: text))) ?? "{}")
    }

    private func json(_ value: some Encodable) throws -> SmallResponse {
        SmallResponse(200, "application/json", try JSONText.encode(value) + "\n")
    }

    private func page() -> String {
        let state = state()
        func escape(_ text: String) -> String { ExchangeTwinPage.escape(text) }
        let rows = state.twins.map { twin in
            "<tr><td><a href=\"\(escape(twin.name))/\">\(escape(twin.name))</a></td><td>\(escape(twin.address)):\(twin.port)</td>"
                + "<td>\(escape(twin.domains.joined(separator: ", ")))</td><td>\(twin.messages)</td></tr>"
        }
        let records = records().prefix(500).map { record in
            "<tr><td>\(escape(record.name.text))</td><td>\(escape(record.type))</td><td>\(escape(record.value ?? ""))</td></tr>"
        }
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Twins</title><style>\(ExchangeTwinPage.style)</style></head><body><h1>Twins</h1>
            <p>\(escape(state.now)) at \(escape(state.clock)) \(ExchangeTwinPage.jump("3600", "An hour later")) \
            \(ExchangeTwinPage.jump("86400", "A day later"))</p>
            <table><caption>Twins</caption><tr><th>Twin</th><th>Listens at</th><th>Domains</th><th>Messages kept</th></tr>
            \(rows.joined())</table>
            <table><caption>DNS</caption><tr><th>Name</th><th>Type</th><th>Value</th></tr>\(records.joined())</table></body></html>
            """
    }
}
