import MailModel
import OwnThreads
import Testing

@testable import DNSClient

@Suite("Look-ups through libunbound against a server on loopback", .ownThreads)
struct UnboundResolverTests {
    private func withResolver(
        _ replies: [String: ScriptedDNSServer.Reply], _ template: DNSSettings = DNSSettings(),
        _ body: (UnboundResolver, ScriptedDNSServer) async throws -> Void
    ) async throws {
        let server = ScriptedDNSServer(replies)
        defer { server.stop() }
        var settings = template
        settings.source = .forwarders([DNSServerAddress(.v4(0x7F00_0001), port: server.port)])
        let resolver = try UnboundResolver(settings)
        defer { resolver.close() }
        try await body(resolver, server)
    }

    private func name(_ text: String) -> DomainName {
        guard let name = DomainName(text) else { preconditionFailure("not a name: \(text)") }
        return name
    }

    @Test func `MX records come sorted by preference`() async throws {
        let data = [mxData(20, "b.example.org"), mxData(10, "a.example.org"), mxData(300, "c.example.org")]
        try await withResolver(["example.org MX": .records(data)]) { resolver, _ in
            let answer = await resolver.mx(name("example.org"))
            let expected = [
                MXRecord(preference: 10, exchange: name("a.example.org")),
                MXRecord(preference: 20, exchange: name("b.example.org")),
                MXRecord(preference: 300, exchange: name("c.example.org")),
            ]
            #expect(answer == .records(expected, isSecure: false, ttlSeconds: 300))
        }
    }

    @Test func `the null MX has no exchange`() async throws {
        try await withResolver(["example.org MX": .records([mxData(0, "")])]) { resolver, _ in
            let answer = await resolver.mx(name("example.org"))
            #expect(answer == .records([MXRecord(preference: 0, exchange: nil)], isSecure: false, ttlSeconds: 300))
        }
    }

    @Test func `a name that does not exist and a name without the type are told apart`() async throws {
        try await withResolver(["here.example MX": .noData]) { resolver, _ in
            guard case .noRecords(nameExists: true, _, _) = await resolver.mx(name("here.example")) else {
                Issue.record("NODATA expected")
                return
            }
            guard case .noRecords(nameExists: false, _, _) = await resolver.mx(name("gone.example")) else {
                Issue.record("NXDOMAIN expected")
                return
            }
        }
    }

    @Test func `SERVFAIL is a failure and not the absence of records`() async throws {
        try await withResolver(["broken.example MX": .serverFailure]) { resolver, _ in
            let answer = await resolver.mx(name("broken.example"))
            #expect(answer == .failure(reason: "the DNS server says SERVFAIL", isBogus: false))
        }
    }

    @Test func `a server that says nothing costs the time-out and no more`() async throws {
        var settings = DNSSettings()
        settings.queryTimeout = .milliseconds(300)
        try await withResolver(["mute.example MX": .silence], settings) { resolver, _ in
            let answer = await resolver.mx(name("mute.example"))
            #expect(answer == .failure(reason: "no answer within 0.3 seconds", isBogus: false))
            #expect(resolver.queriesInFlight == 0)
        }
    }

    @Test func `an internationalised name is asked for in A-labels`() async throws {
        try await withResolver(["xn--bcher-kva.example MX": .records([mxData(5, "mx.example")])]) { resolver, server in
            let answer = await resolver.mx(name("Bücher.example"))
            #expect(answer == .records([MXRecord(preference: 5, exchange: name("mx.example"))], isSecure: false, ttlSeconds: 300))
            #expect(server.count("xn--bcher-kva.example MX") == 1)
        }
    }

    @Test func `the strings of a TXT record are joined`() async throws {
        let data = [txtData("v=spf1 ", "ip4:192.0.2.1 ", "-all"), txtData("other")]
        try await withResolver(["example.org TXT": .records(data)]) { resolver, _ in
            guard case .records(let texts, _, _) = await resolver.txt(name("example.org")) else {
                Issue.record("records expected")
                return
            }
            #expect(Set(texts) == ["v=spf1 ip4:192.0.2.1 -all", "other"])
        }
    }

    @Test func `addresses of both families come together, IPv4 first`() async throws {
        let replies: [String: ScriptedDNSServer.Reply] = [
            "mx.example A": .records([[192, 0, 2, 7]]),
            "mx.example AAAA": .records([[0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [9]], ttlSeconds: 60),
        ]
        try await withResolver(replies) { resolver, _ in
            let addresses = [try #require(IPAddress("192.0.2.7")), try #require(IPAddress("2001:db8::9"))]
            #expect(await resolver.addresses(name("mx.example")) == .records(addresses, isSecure: false, ttlSeconds: 60))
        }
    }

    @Test func `one family that answers is enough when the other fails`() async throws {
        let replies: [String: ScriptedDNSServer.Reply] = ["mx.example A": .records([[192, 0, 2, 7]]), "mx.example AAAA": .serverFailure]
        try await withResolver(replies) { resolver, _ in
            let address = try #require(IPAddress("192.0.2.7"))
            #expect(await resolver.addresses(name("mx.example")) == .records([address], isSecure: false, ttlSeconds: 300))
        }
    }

    @Test func `no address in one family and a failure in the other is a failure`() async throws {
        try await withResolver(["mx.example A": .noData, "mx.example AAAA": .serverFailure]) { resolver, _ in
            #expect(await resolver.addresses(name("mx.example")) == .failure(reason: "the DNS server says SERVFAIL", isBogus: false))
        }
    }

    @Test func `an alias is followed`() async throws {
        let replies: [String: ScriptedDNSServer.Reply] = [
            "www.example A": .alias("host.example"), "host.example A": .records([[192, 0, 2, 8]]),
        ]
        var settings = DNSSettings()
        settings.usesIPv6 = false
        try await withResolver(replies, settings) { resolver, _ in
            let address = try #require(IPAddress("192.0.2.8"))
            let answer = await resolver.addresses(name("www.example"))
            guard case .records([address], _, _) = answer else {
                Issue.record("\(answer)")
                return
            }
        }
    }

    @Test func `the second answer comes from the cache`() async throws {
        try await withResolver(["example.org MX": .records([mxData(1, "a.example.org")])]) { resolver, server in
            _ = await resolver.mx(name("example.org"))
            _ = await resolver.mx(name("example.org"))
            #expect(server.count("example.org MX") == 1)
        }
    }

    @Test func `many questions at once are all answered`() async throws {
        let names = (0..<500).map { "n\($0).example.org" }
        let replies = Dictionary(uniqueKeysWithValues: names.map { ("\($0) TXT", ScriptedDNSServer.Reply.records([txtData($0)])) })
        try await withResolver(replies) { resolver, _ in
            let right = await withTaskGroup(of: Bool.self) { group in
                for text in names {
                    group.addTask {
                        guard let name = DomainName(text), case .records([text], _, _) = await resolver.txt(name) else { return false }
                        return true
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(right == 500)
        }
    }

    @Test func `one question more than allowed is refused at once`() async throws {
        var settings = DNSSettings()
        settings.queriesInFlightMax = 2
        settings.queryTimeout = .milliseconds(500)
        try await withResolver(["mute.example TXT": .silence], settings) { resolver, _ in
            let mute = name("mute.example")
            let failures = await withTaskGroup(of: DNSAnswer<String>.self) { group in
                for _ in 0..<3 { group.addTask { await resolver.txt(mute) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(failures.filter { $0 == .failure(reason: "more than 2 DNS queries are under way", isBogus: false) }.count == 1)
        }
    }

    @Test func `a cancelled look-up ends before its time-out`() async throws {
        var settings = DNSSettings()
        settings.queryTimeout = .seconds(3600)
        try await withResolver(["mute.example TXT": .silence], settings) { resolver, server in
            let mute = name("mute.example")
            let task = Task { await resolver.txt(mute) }
            while server.count("mute.example TXT") == 0 { await Task.yield() }
            task.cancel()
            #expect(await task.value == .failure(reason: "the look-up was cancelled", isBogus: false))
        }
    }

    @Test func `a closed resolver answers with a failure`() async throws {
        try await withResolver([:]) { resolver, _ in
            resolver.close()
            #expect(await resolver.txt(name("example.org")) == .failure(reason: "the resolver is closed", isBogus: false))
        }
    }

    @Test func `settings that cannot work are refused when the resolver is made`() {
        var noServer = DNSSettings()
        noServer.source = .forwarders([])
        #expect(throws: DNSSettingsError.self) { _ = try UnboundResolver(noServer) }
        var noAnchor = DNSSettings()
        noAnchor.trustAnchorFile = "/nonexistent/root.key"
        #expect(throws: DNSSettingsError.self) { _ = try UnboundResolver(noAnchor) }
    }
}
