import Console
import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import Storage

/// All pages of the console. A room asks the operations that the command line and the HTTP interface use too, and decides nothing.
struct Rooms: Sendable {
    let administration: Administration
    /// Whether this is the account's own password; failures count with those of all sign-ins.
    let checkOwnPassword: @Sendable (_ name: String, _ password: String, IPAddress?) async -> PasswordAnswer
    let now: @Sendable () -> Timestamp
    var drafts = ImportDrafts()

    /// Each with its page of the handbook.
    var all: [Room] {
        rooms.map { room in
            var room = room
            room.help = HelpPages.page(of: room.path)
            return room
        }
    }

    private var rooms: [Room] {
        [overview, trace, message, queue, pauses, explain, alerts, alert, restricted, restriction, throttles]
            + limitRooms + policyRooms + senderRooms + deliveryRooms + shapingRooms + ruleRooms + scanRooms + reviewRooms + suppressionRooms
            + domainHealthRooms + [reputation]
            + peopleRooms + campaignRooms + administrationRooms + signInRooms + tryingOutRooms + ownRooms
            + helpRooms + [go]
    }

    /// Performs an operation in the viewer's name, where it may.
    func perform<Operation: AdministrativeOperation>(_ operation: Operation, _ request: PageRequest) async throws -> Operation.Outcome {
        guard request.viewer.scopes.contains(Operation.scope.rawValue) else {
            throw AdministrationError(
                .denied, "your roles do not have the right \(Operation.scope.rawValue)", "An administrator can give it.")
        }
        return try await administration.expecting(notAfter: Int64(request.form["seen"])).perform(operation, act(request))
    }

    /// For the field `seen` of forms that put something in place of what they show: what somebody else has changed since is not overwritten.
    func directoryVersion() async throws -> Int64 { try await administration.directory().version }

    /// Who acts, and why, in the words that the audit prints.
    func act(_ request: PageRequest) throws -> Act {
        Act(actor: request.viewer.actor, reason: try APIRoutes.reason(String(request.form["reason"].prefix(500))), at: now())
    }

    /// What an operation answers; nil where the viewer may not ask.
    func ifAllowed<Operation: AdministrativeOperation>(
        _ operation: Operation, _ request: PageRequest
    ) async throws -> Operation.Outcome? {
        request.viewer.scopes.contains(Operation.scope.rawValue) ? try await perform(operation, request) : nil
    }

    /// An act that is one operation.
    func act<Operation: AdministrativeOperation>(
        _ operation: @escaping @Sendable (PageRequest) async throws -> Operation,
        done: @escaping @Sendable (Operation.Outcome, PageRequest) -> PageAnswer
    ) -> Room.Act {
        Room.Act([Operation.scope.rawValue]) { request in done(try await perform(try await operation(request), request), request) }
    }

    func scopes(_ scopes: AccessScope...) -> Set<String> { Set(scopes.map(\.rawValue)) }
}

extension PageRequest {
    /// Fields of the form as the HTTP interface would get them, read as its input. What is empty is left out.
    func input<Input: Decodable>(
        _ type: Input.Type, texts: [String] = [], lists: [String] = [], lines: [String] = [], numbers: [String] = [],
        flags: [String] = [], fixed: [String: JSONValue] = [:]
    ) throws -> Input {
        var fields = fixed
        for name in texts where !form[name].isEmpty { fields[name] = .string(form[name]) }
        for name in lists where !form.list(name).isEmpty { fields[name] = .array(form.list(name).map(JSONValue.string)) }
        for name in lines where !form.lines(name).isEmpty { fields[name] = .array(form.lines(name).map(JSONValue.string)) }
        for name in flags { fields[name] = .bool(form.isOn(name)) }
        for name in numbers where !form[name].isEmpty {
            guard let number = Int64(form[name]) else {
                throw Problem.invalid([FieldProblem(.body, "/\(name)", "is not a whole number")])
            }
            fields[name] = .integer(number)
        }
        let caller = APICaller(name: viewer.actor, scopes: viewer.scopes)
        return try APIRequest(
            input: JSONValue.object(fields).json, caller: caller, reason: "", headers: [:], raw: nil, body: [], peer: peer
        ).fields(type)
    }

    func address(_ name: String) throws -> EmailAddress {
        guard let address = EmailAddress(form[name]) else {
            throw Problem.invalid([FieldProblem(.body, "/\(name)", "is no address, such as a@example.org")])
        }
        return address
    }

    /// All addresses of a text, between commas, white space and line ends.
    func addresses(_ name: String) throws -> [EmailAddress] {
        try form.list(name).map { text in
            guard let address = EmailAddress(text) else {
                throw Problem.invalid([FieldProblem(.body, "/\(name)", "holds \"\(text.prefix(100))\", which is no address")])
            }
            return address
        }
    }

    /// Of the fields `host`, `port` and `user`, as `HostInput` reads it; nil where no host is named.
    func host() throws -> JSONValue? {
        guard !form["host"].isEmpty else { return nil }
        var host: [String: JSONValue] = ["name": .string(form["host"])]
        if !form["port"].isEmpty { host["port"] = .integer(Int64(try number("port", 1...65_535))) }
        if !form["user"].isEmpty { host["user"] = .string(form["user"]) }
        return .object(host)
    }

    func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(form[name]), range.contains(number) else {
            throw Problem.invalid([FieldProblem(.body, "/\(name)", "is not a number of \(range.lowerBound) to \(range.upperBound)")])
        }
        return number
    }

    /// A date (its first moment in UTC) or RFC 3339; nil for an empty field.
    func time(_ name: String) throws -> Timestamp? {
        let text = form[name]
        guard !text.isEmpty else { return nil }
        guard let time = Timestamp(rfc3339: text.utf8.count == 10 ? "\(text)T00:00:00Z" : text) else {
            throw Problem.invalid([FieldProblem(.body, "/\(name)", "is no date, such as 2026-12-31")])
        }
        return time
    }

    /// The address in the path.
    func pathAddress(_ name: String) throws -> EmailAddress {
        guard let address = EmailAddress(self[name]) else { throw Problem.notFound("\(self[name].prefix(200)) is no address.") }
        return address
    }
}

/// Words and colours that several rooms use.
enum RoomWords {
    /// What was done with mail in the queue.
    static func done(_ verb: QueueVerb) -> String {
        switch verb {
        case .hold: "held"
        case .release: "released"
        case .retry: "tried again"
        case .cancel: "cancelled"
        }
    }

    static func tone(status: String) -> Tone {
        switch status {
        case "delivered": .good
        case "queued", "released", "retried", "accepted": .info
        case "deferred", "held": .warning
        case "bounced", "expired", "refused", "suppressed": .bad
        default: .neutral
        }
    }

    static func tone(_ severity: AlertSeverity) -> Tone {
        switch severity {
        case .high: .bad
        case .medium: .warning
        default: .info
        }
    }

    static func tone(percent: Int) -> Tone { percent >= 90 ? .bad : percent >= 80 ? .warning : .neutral }

    static func count(_ number: Int, _ one: String, _ many: String) -> String { "\(number.grouped) \(number == 1 ? one : many)" }

    /// A reply for a list; its page has all of it.
    static func short(_ reply: String) -> String { reply.count > 90 ? "\(reply.prefix(88))…" : reply }

    /// `90 s`, `30 min`, `2 h`, `3 d`: exact.
    static func duration(seconds: Int64) -> String {
        for (unit, name) in [(Int64(86_400), "d"), (3600, "h"), (60, "min")] where seconds >= unit && seconds % unit == 0 {
            return "\(seconds / unit) \(name)"
        }
        return "\(seconds) s"
    }

    /// Findings as sentences, with the rule that made each.
    static func sentences(_ findings: [Finding]) -> [String] {
        findings.map { $0.matched.isEmpty ? "\($0.explanation) (\($0.rule))" : "\($0.explanation) (\($0.rule): \($0.matched))" }
    }

    /// `3 min`, `2 h`, `5 d` between two RFC 3339 texts.
    static func age(_ rfc3339: String, at now: Timestamp) -> String {
        guard let time = Timestamp(rfc3339: rfc3339) else { return "" }
        let seconds = max(0, (now - time).milliseconds / 1000)
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}
