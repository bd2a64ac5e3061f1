import Foundation
import OutboundPolicy
import PosternRuntime

/// Rules in a JSON file: one, or a list of them.
enum RuleFile {
    static func rules(_ path: String) throws -> [DeliveryRule] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        if let rules = try? JSONDecoder().decode([DeliveryRule].self, from: data) { return rules }
        return [try JSONDecoder().decode(DeliveryRule.self, from: data)]
    }
}
