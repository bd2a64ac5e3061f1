import Console
import MailModel
import OutboundPolicy

// What requests about limits look like. Each says which operation it is.

struct PolicyInput: Decodable, Sendable {
    var name: String
    var fields: PolicyChanges

    private enum CodingKeys: CodingKey { case name }

    init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
        fields = try PolicyChanges(from: decoder)
    }

    var operation: AddPolicy {
        var policy = SendingPolicy(name: name, priority: 0)
        fields.apply(to: &policy)
        return AddPolicy(policy: policy, place: fields.priority)
    }
}

struct PolicyChangesInput: Decodable, Sendable {
    var policy: String
    var fields: PolicyChanges

    private enum CodingKeys: CodingKey { case policy }

    init(from decoder: any Decoder) throws {
        policy = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .policy)
        fields = try PolicyChanges(from: decoder)
    }
}

struct PolicyStateInput: Decodable, Sendable {
    var policy: String
    var enabled: Bool
}

struct PresetInput: Decodable, Sendable {
    var preset: PresetChoice
    var licences: Int?
    var trial: Bool?
    var timeZone: String?
}

struct PolicyTestInput: Decodable, Sendable {
    var sender: String
    var from: EmailAddress?
    var external: Int?
    var `internal`: Int?
    var firstTime: Int?
    var size: Int?
    var trafficClass: TrafficClassName?
    var forwarded: Bool?

    var operation: TestPolicy {
        TestPolicy(
            sender: sender, from: from, external: external ?? 0, internalCount: `internal` ?? 0, firstTime: firstTime ?? 0, size: size ?? 0,
            trafficClass: trafficClass?.trafficClass, isForwarded: forwarded ?? false)
    }
}

struct ServiceLimitInput: Decodable, Sendable {
    var limit: String
    var value: ServiceValue
    var action: LimitAction?
    var failsOpen: Bool?
}

struct TopInput: Decodable, Sendable {
    var limit: PageSize?
}
