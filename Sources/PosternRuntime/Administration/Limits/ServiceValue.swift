package import Console

/// The value of a service limit or of a setting beside them.
package enum ServiceValue: Hashable, Sendable, Codable {
    case number(Int)
    case flag(Bool)
    case text(String)

    /// As a command line has it.
    package init(argument: String) {
        if let number = Int(argument) {
            self = .number(number)
        } else if let flag = ["true": true, "yes": true, "false": false, "no": false][argument] {
            self = .flag(flag)
        } else {
            self = .text(argument)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .number(let number): try number.encode(to: encoder)
        case .flag(let flag): try flag.encode(to: encoder)
        case .text(let text): try text.encode(to: encoder)
        }
    }

    package var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .text(let text): text
        }
    }
}

extension ServiceValue: CustomStringConvertible, SchemaDescribed {
    package static let schema: JSONSchema = {
        var schema = JSONSchema(.anything)
        schema.description = "A whole number, true or false, or the name of a time zone, as the setting asks for"
        return schema
    }()
    package static let schemaSample = ServiceValue.number(0)
}
