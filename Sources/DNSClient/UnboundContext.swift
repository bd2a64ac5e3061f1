import CUnbound
import Glibc

/// A libunbound context, set up and not yet asked anything.
///
/// `@unchecked`: libunbound locks the context itself; it is deleted by one thread, after which nobody uses it (`UnboundQueries`).
struct UnboundContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ settings: DNSSettings) throws {
        guard let pointer = ub_ctx_create() else { throw DNSSettingsError(description: "libunbound cannot make a context") }
        self.pointer = pointer
        do {
            try set(UnboundContext.options(settings))
            try setSource(settings.source)
            try setTrustAnchor(settings.trustAnchorFile)
            try check(ub_ctx_async(pointer, 1), "work in a thread")
        } catch {
            ub_ctx_delete(pointer)
            throw error
        }
    }

    /// `unbound.conf(5)` names the options.
    private static func options(_ settings: DNSSettings) -> [(String, String)] {
        let cacheBytes = max(1 << 20, settings.cacheBytesMax)
        return [
            ("do-ip6:", settings.usesIPv6 ? "yes" : "no"),
            // Forwarders on loopback are common: a local cache, a container's DNS.
            ("do-not-query-localhost:", "no"),
            // Unbound answers `test.` with NXDOMAIN by itself; a test installation has a DNS server that knows better.
            // It does not heed `nodefault` for it when told so by this call.
            ("local-zone:", "test. transparent"),
            // So it does for the addresses of private networks and of documents, whose names an own server may know.
            ("unblock-lan-zones:", "yes"),
            ("num-queries-per-thread:", String(settings.queriesInFlightMax)),
            ("outgoing-range:", "512"),
            ("msg-cache-size:", String(cacheBytes / 3)),
            ("rrset-cache-size:", String(cacheBytes - cacheBytes / 3)),
            ("edns-buffer-size:", "1232"),
            // A name that failed is asked for again when its recipient is due, not an hour later.
            ("cache-max-negative-ttl:", "300"),
        ]
    }

    private func set(_ options: [(String, String)]) throws {
        for (name, value) in options { try check(ub_ctx_set_option(pointer, name, value), "\(name) \(value)") }
    }

    private func setSource(_ source: DNSSettings.Source) throws {
        switch source {
        case .forwarders(let servers):
            guard !servers.isEmpty else { throw DNSSettingsError(description: "no DNS server is named to forward to") }
            for server in servers { try check(ub_ctx_set_fwd(pointer, server.description), "forward to \(server)") }
        case .resolverFile(let path): try check(ub_ctx_resolvconf(pointer, path), path)
        case .recursion: break
        }
    }

    private func setTrustAnchor(_ path: String?) throws {
        guard let path else { return }
        // libunbound opens the file only with the first query; the person who named it wants to know now.
        guard access(path, R_OK) == 0 else { throw DNSSettingsError(description: "cannot read the trust anchor file \(path)") }
        try check(ub_ctx_add_ta_file(pointer, path), path)
    }

    private func check(_ code: CInt, _ what: String) throws {
        guard code == 0 else { throw DNSSettingsError(description: "libunbound refuses \(what): \(String(cString: ub_strerror(code)))") }
    }
}
