package import MailModel

/// The look-ups of `DNSResolver` through libunbound: cached, validated where a trust anchor is set, bounded in number and time.
///
/// CNAME and DNAME are followed by libunbound. An internationalised name is asked for in A-labels. One instance for a process.
package final class UnboundResolver: DNSResolver {
    private let queries: UnboundQueries
    private let usesIPv6: Bool

    /// Throws `DNSSettingsError` where libunbound refuses a setting. Asks nothing yet.
    package init(_ settings: DNSSettings) throws {
        queries = try UnboundQueries(settings)
        usesIPv6 = settings.usesIPv6
    }

    /// Ends the resolver's thread; queries under way are answered with a failure, as are all that come later.
    package func close() { queries.close() }

    /// Queries that wait for their answer now.
    package var queriesInFlight: Int { queries.inFlight }

    /// Sorted by preference, lowest first; equal preferences as the answer had them.
    package func mx(_ name: DomainName) async -> DNSAnswer<MXRecord> {
        let answer = await ask(name, RecordType.mx, RecordData.mx)
        guard case .records(let records, let isSecure, let ttlSeconds) = answer else { return answer }
        return .records(records.sorted { $0.preference < $1.preference }, isSecure: isSecure, ttlSeconds: ttlSeconds)
    }

    package func addresses(_ name: DomainName) async -> DNSAnswer<IPAddress> {
        guard usesIPv6 else { return await ask(name, RecordType.a, RecordData.a) }
        async let v4 = ask(name, RecordType.a, RecordData.a)
        async let v6 = ask(name, RecordType.aaaa, RecordData.aaaa)
        return await joined(v4, v6)
    }

    /// A alone, as blocklists are asked.
    package func ipv4Addresses(_ name: DomainName) async -> DNSAnswer<IPAddress> { await ask(name, RecordType.a, RecordData.a) }

    package func txt(_ name: DomainName) async -> DNSAnswer<String> {
        await ask(name, RecordType.txt, RecordData.txt)
    }

    package func tlsa(_ name: DomainName) async -> DNSAnswer<TLSARecord> {
        await ask(name, RecordType.tlsa, RecordData.tlsa)
    }

    package func alias(of name: DomainName) async -> DNSAlias? {
        guard let ascii = name.asciiForm, case .success(let own) = await queries.ask(ascii, RecordType.cname),
            case .records(_, let isSecure, _) = own.answer(RecordData.name),
            case .success(let last) = await queries.ask(ascii, RecordType.a),
            let target = last.canonicalName.flatMap({ DomainName($0) })
        else { return nil }
        return DNSAlias(target: target, isSecure: isSecure)
    }

    package func names(of address: IPAddress) async -> DNSAnswer<DomainName> {
        await ask(address.reverseName, RecordType.ptr, RecordData.name)
    }

    package func records(_ kind: DNSRecordKind, of name: DomainName) async -> DNSAnswer<[UInt8]> {
        await ask(name, kind.rawValue) { [UInt8]($0) }
    }

    private func ask<Record>(
        _ name: DomainName, _ type: CInt, _ read: (UnsafeRawBufferPointer) -> Record?
    ) async -> DNSAnswer<Record> {
        guard let ascii = name.asciiForm else { return .noRecords(nameExists: false, isSecure: false, ttlSeconds: 0) }
        switch await queries.ask(ascii, type) {
        case .success(let raw): return raw.answer(read)
        case .failure(let failure): return .failure(reason: failure.description, isBogus: false)
        }
    }
}

/// Numbers of the DNS record types asked for (IANA DNS parameters).
private enum RecordType {
    static let a: CInt = 1
    static let cname: CInt = 5
    static let ptr: CInt = 12
    static let mx: CInt = 15
    static let txt: CInt = 16
    static let aaaa: CInt = 28
    static let tlsa: CInt = 52
}
