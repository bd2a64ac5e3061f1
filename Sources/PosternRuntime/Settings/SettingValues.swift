import MailModel

/// A value for every key of the table; what the sections are made from.
struct SettingValues: Hashable, Sendable {
    private var values: [String: SettingValue]

    init(_ values: [String: SettingValue]) { self.values = values }

    subscript(name: String) -> SettingValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func boolean(_ name: String) -> Bool {
        guard case .boolean(let value)? = values[name] else { unreadable(name) }
        return value
    }

    func integer(_ name: String) -> Int {
        guard case .integer(let value)? = values[name] else { unreadable(name) }
        return value
    }

    func duration(_ name: String) -> Duration {
        guard case .duration(let value)? = values[name] else { unreadable(name) }
        return value
    }

    func text(_ name: String) -> String {
        guard case .text(let value)? = values[name] else { unreadable(name) }
        return value
    }

    func address(_ name: String) -> IPAddress {
        guard case .address(let value)? = values[name] else { unreadable(name) }
        return value
    }

    func optionalInteger(_ name: String) -> Int? {
        switch values[name] {
        case .integer(let value): value
        case .absent: nil
        default: unreadable(name)
        }
    }

    func optionalText(_ name: String) -> String? {
        switch values[name] {
        case .text(let value): value
        case .absent: nil
        default: unreadable(name)
        }
    }

    func optionalHostName(_ name: String) -> DomainName? {
        switch values[name] {
        case .hostName(let value): value
        case .absent: nil
        default: unreadable(name)
        }
    }

    func optionalAddress(_ name: String) -> IPAddress? {
        switch values[name] {
        case .address(let value): value
        case .absent: nil
        default: unreadable(name)
        }
    }

    func optionalMailAddress(_ name: String) -> EmailAddress? {
        switch values[name] {
        case .mailAddress(let value): value
        case .absent: nil
        default: unreadable(name)
        }
    }

    func list<Element>(_ name: String, _ element: (SettingValue) -> Element?) -> [Element] {
        guard case .list(let items)? = values[name] else { unreadable(name) }
        return items.map { item in
            guard let value = element(item) else { unreadable(name) }
            return value
        }
    }

    /// A section asked for a key that the table does not have, or has with another type: a slip in this program that the first test finds.
    private func unreadable(_ name: String) -> Never {
        preconditionFailure("setting \(name) is not in the table with this type")
    }
}
