import Campaigns
import Foundation
import MailModel
import OutboundPolicy

/// Lists, imports and consent.
extension StoreWriter {
    private var tenant: TenantID { .standard }

    func people(_ work: PeopleWork) throws -> PeopleWorkResult {
        switch work {
        case .beginImport(let new): return .number(try begin(new))
        case .stage(let number, let people, let list, let line, let now):
            let touched = try prepare(PeopleStatements.touchImport).bind(line).bind(now.milliseconds).bind(tenant.value).bind(number).run()
            guard touched == 1 else { return .notUnderWay }
            try noteDomains(of: people, list: list, at: now)
            return .affected(try insert(people, list: list, number))
        case .endImport(let ended, let entry):
            let count = try prepare(PeopleStatements.endImport).bind(ended.touchedAt.milliseconds).bind(try PeopleRows.text(ended))
                .bind(tenant.value).bind(ended.number).run()
            guard count == 1 else { return .notUnderWay }
            try audit(entry)
            return .affected(1)
        case .dropImport(let number, let list, let limit):
            try prepare(PeopleStatements.giveUpImport).bind(tenant.value).bind(number).send()
            return .affected(
                try prepare(PeopleStatements.dropImported).bind(tenant.value).bind(list).bind(number).bind(limit).run())
        case .dropMembers(let list, let limit):
            try prepare(ListDomainStatements.drop).bind(tenant.value).bind(list).send()
            return .affected(try prepare(PeopleStatements.dropMembers).bind(tenant.value).bind(list).bind(limit).run())
        case .looked(let domains, let now): return .affected(try looked(domains, at: now))
        case .setState(let state, let list, let address, let entry):
            let count = try prepare(PeopleStatements.setState).bind(state.rawValue).bind(tenant.value).bind(list).bind(address.key).run()
            if count > 0 { try audit(entry) }
            return .affected(count)
        case .consent(let address, let entries): return .affected(try add(entries, of: address))
        case .join(let person, let list, let entries, let entry):
            let written = person.address.description
            let count = try prepare(PeopleStatements.join).bind(tenant.value).bind(list).bind(person.address.key).bind(PeopleWork.ownWish)
                .bind(person.addedAt.milliseconds).bind(written == person.address.key ? nil as String? : written)
                .bind(AttributeText.text(person.attributes)).run()
            _ = try add(entries, of: person.address)
            try audit(entry)
            return .affected(count)
        case .keepWording(let hash, let wording):
            return .affected(
                try prepare(PeopleStatements.keepWording).bind(tenant.value).bind(hash).bind(try PeopleRows.text(wording)).run())
        case .erase(let address, let entry):
            let count = try prepare(PeopleStatements.eraseMember).bind(tenant.value).bind(address.key).run()
            let entries = try prepare(PeopleStatements.eraseConsent).bind(tenant.value).bind(address.key).run()
            if count + entries > 0 { try audit(entry) }
            return .affected(count)
        }
    }

    private func add(_ entries: [ConsentEntry], of address: EmailAddress) throws -> Int {
        for entry in entries {
            try prepare(PeopleStatements.insertConsent).bind(tenant.value).bind(address.key).bind(try PeopleRows.text(entry)).send()
        }
        return entries.count
    }

    private func begin(_ new: ListImport) throws -> ListImport.Number {
        if let lock = dialect.lockName {
            let statement = try prepare(lock).bind("list-import")
            while try statement.step() {}
        }
        let next = try prepare(PeopleStatements.nextImport).bind(tenant.value)
        guard try next.step() else { throw StoreError.corrupt("no number for an import") }
        let number = next.readInt64()
        next.end()
        try prepare(PeopleStatements.insertImport).bind(tenant.value).bind(number).bind(new.list).bind(new.touchedAt.milliseconds)
            .bind(try PeopleRows.text(new)).send()
        return number
    }

    /// Returns how many were not on the list before.
    private func insert(_ people: [Subscriber], list: Int64, _ number: ListImport.Number) throws -> Int {
        let statement = try connection.prepare(PeopleStatements.insertMember)
        var known = 0
        var unknown = 0
        for person in people {
            let written = person.address.description
            let count = try statement.begin().bind(tenant.value).bind(list).bind(person.address.key).bind(number)
                .bind(person.state.rawValue).bind(person.addedAt.milliseconds).bind(
                    written == person.address.key ? nil as String? : written
                )
                .bind(AttributeText.text(person.attributes)).sendForCount()
            if let count { known += count } else { unknown += 1 }
        }
        return unknown == 0 ? known : try connection.flush().reduce(known, +)
    }
}

extension StoreReads {
    static func members(_ connection: some StoreConnection, _ query: MemberQuery) throws -> [ListMember] {
        let statement = try connection.prepare(PeopleStatements.members).begin().bind(TenantID.standard.value).bind(query.list)
            .bind(query.after).bind(min(max(query.limit, 1), 10_000))
        var members: [ListMember] = []
        while try statement.step() { members.append(try member(statement)) }
        return members
    }

    static func memberships(_ connection: some StoreConnection, of address: EmailAddress) throws -> [ListMember] {
        let statement = try connection.prepare(PeopleStatements.memberships).begin().bind(TenantID.standard.value).bind(address.key)
        var members: [ListMember] = []
        while try statement.step() { members.append(try member(statement)) }
        return members
    }

    static func memberCounts(_ connection: some StoreConnection, list: Int64) throws -> [Subscriber.State: Int] {
        let statement = try connection.prepare(PeopleStatements.counts).begin().bind(TenantID.standard.value).bind(list)
        var counts: [Subscriber.State: Int] = [:]
        while try statement.step() {
            let state = try PeopleRows.state(statement.readInt())
            counts[state] = statement.readInt()
        }
        return counts
    }

    static func imports(_ connection: some StoreConnection, list: Int64, limit: Int) throws -> [ListImport] {
        let statement = try connection.prepare(PeopleStatements.imports).begin().bind(TenantID.standard.value).bind(list)
            .bind(min(max(limit, 1), 10_000))
        var imports: [ListImport] = []
        while try statement.step() {
            let number = statement.readInt64()
            let state = statement.readInt()
            let line = statement.readInt()
            let touchedAt = Timestamp(milliseconds: statement.readInt64())
            var found: ListImport = try PeopleRows.value(statement.readText(), "import")
            guard let known = ListImport.State(rawValue: state) else { throw RowText.damaged("state of an import", "\(state)") }
            (found.number, found.state, found.line, found.touchedAt) = (number, known, line, touchedAt)
            imports.append(found)
        }
        return imports
    }

    static func consent(_ connection: some StoreConnection, from first: String, through last: String) throws -> [String: [ConsentEntry]] {
        let statement = try connection.prepare(PeopleStatements.consent).begin().bind(TenantID.standard.value).bind(first).bind(last)
        var entries: [String: [ConsentEntry]] = [:]
        while try statement.step() {
            let address = statement.readText()
            entries[address, default: []].append(try PeopleRows.value(statement.readText(), "consent entry"))
        }
        return entries
    }

    static func consentWording(_ connection: some StoreConnection, _ hash: String) throws -> ConsentWording? {
        let statement = try connection.prepare(PeopleStatements.wording).begin().bind(TenantID.standard.value).bind(hash)
        guard try statement.step() else { return nil }
        defer { statement.end() }
        return try PeopleRows.value(statement.readText(), "wording")
    }

    private static func member(_ statement: some StoreStatement) throws -> ListMember {
        let key = statement.readText()
        let number = statement.readInt64()
        let state = try PeopleRows.state(statement.readInt())
        let addedAt = Timestamp(milliseconds: statement.readInt64())
        let written = statement.readOptionalText() ?? key
        let attributes = try AttributeText.attributes(statement.readText())
        let list = statement.readInt64()
        guard let address = EmailAddress(written) else { throw RowText.damaged("address of a list", written) }
        let person = Subscriber(address: address, state: state, attributes: attributes, addedAt: addedAt)
        return ListMember(subscriber: person, list: list, importNumber: number)
    }
}

private enum PeopleRows {
    static func text(_ value: some Encodable) throws -> String { try DirectoryCoding.text(value) }

    static func value<Value: Decodable>(_ text: String, _ what: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw RowText.damaged(what, text)
        }
    }

    static func state(_ number: Int) throws -> Subscriber.State {
        guard let state = Subscriber.State(rawValue: number) else { throw RowText.damaged("state of a subscriber", "\(number)") }
        return state
    }
}
