import InternetMessage
import MailModel

/// A DKIM-Signature field, read and checked as far as that goes without its key (RFC 6376 §3.5, §6.1.1).
struct DKIMSignature: Sendable {
    /// Which of the fields that are made in this way it is.
    enum Kind: String, Sendable {
        case dkim = "dkim-signature"
        /// RFC 8617 §4.1.2: no version, and `i=` is the instance.
        case arcMessage = "arc-message-signature"
    }

    let kind: Kind
    let field: HeaderField
    let algorithm: DKIMAlgorithm
    let headerForm: Canonicalization
    let bodyForm: Canonicalization
    let domain: DomainName
    let selector: DomainName
    /// Where the key is published.
    let recordName: DomainName
    /// The part of `i=` after the `@`; the domain where there is none.
    let identityDomain: DomainName
    /// In the order of `h=`, lower case.
    let signedNames: [String]
    let bodyHash: [UInt8]
    let signature: [UInt8]
    /// `l=`; nil for the whole body.
    let bodyBytes: Int?
    /// `x=`, seconds since the epoch.
    let expiration: Int64?

    /// A field that cannot be used, with what could be read of it.
    struct Unusable: Error {
        var domain: String
        var selector: String
        var reason: String
    }

    /// Signed fields that are followed; a list of more would only cost time.
    private static let signedNamesMax = 1000

    init(_ field: HeaderField, in content: [UInt8], as kind: Kind = .dkim) throws(Unusable) {
        let tags = TagList(content[field.value])
        let domainText = tags?.text("d") ?? ""
        let selectorText = tags?.text("s") ?? ""
        func fault(_ reason: String) -> Unusable { Unusable(domain: domainText, selector: selectorText, reason: reason) }
        guard let tags else { throw fault("the signature is not a list of tags") }
        guard kind == .arcMessage || tags.text("v") == "1" else { throw fault("the version is not 1") }
        guard let domain = DomainName(domainText), let selector = DomainName(selectorText),
            let recordName = DomainName("\(selector)._domainkey.\(domain)")
        else { throw fault("bad d= or s=") }
        guard let algorithm = tags.text("a").flatMap({ DKIMAlgorithm(rawValue: $0.lowercased()) }) else {
            throw fault("the algorithm is not known or not safe: \(tags.text("a") ?? "none")")
        }
        guard let forms = DKIMSignature.forms(tags.text("c")) else { throw fault("bad c=") }
        guard let names = tags.list("h"), names.count <= DKIMSignature.signedNamesMax, !names.contains("") else { throw fault("bad h=") }
        guard names.contains("from") else { throw fault("From is not signed") }
        guard kind == .dkim || !names.contains(where: { $0.hasPrefix("arc-") }) else { throw fault("ARC fields are signed") }
        guard let bodyHash = tags.values["bh"].flatMap({ Base64.decode($0) }), bodyHash.count == SHA256Digest.byteCount else {
            throw fault("bad bh=")
        }
        guard let signature = tags.values["b"].flatMap({ Base64.decode($0) }), !signature.isEmpty else { throw fault("bad b=") }
        let identityText = kind == .dkim ? tags.text("i") : nil
        guard let identity = DKIMSignature.identityDomain(identityText, domain: domain) else { throw fault("i= is not within d=") }
        guard let times = DKIMSignature.times(tags) else { throw fault("bad t=, x= or l=") }
        guard tags.list("q")?.contains("dns/txt") ?? true else { throw fault("no way to the key that is known") }
        self.kind = kind
        self.field = field
        self.algorithm = algorithm
        (headerForm, bodyForm) = forms
        self.domain = domain
        self.selector = selector
        self.recordName = recordName
        identityDomain = identity
        signedNames = names
        self.bodyHash = bodyHash
        self.signature = signature
        bodyBytes = times.bodyBytes
        expiration = times.expiration
    }

    private static func forms(_ text: String?) -> (Canonicalization, Canonicalization)? {
        guard let text else { return (.simple, .simple) }
        let names = text.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard names.count <= 2, let header = Canonicalization(rawValue: String(names[0])) else { return nil }
        guard names.count == 2 else { return (header, .simple) }
        return Canonicalization(rawValue: String(names[1])).map { (header, $0) }
    }

    private static func identityDomain(_ identity: String?, domain: DomainName) -> DomainName? {
        guard let identity else { return domain }
        guard let at = identity.lastIndex(of: "@"), let host = DomainName(identity[identity.index(after: at)...]) else { return nil }
        return host.isWithin(domain) ? host : nil
    }

    /// Nil where one is no number, or expiry is not after signing (RFC 6376 §3.5).
    private static func times(_ tags: TagList) -> (bodyBytes: Int?, expiration: Int64?)? {
        guard let signedAt = number(tags, "t"), let expiration = number(tags, "x"), let length = number(tags, "l") else { return nil }
        if let signedAt, let expiration, expiration <= signedAt { return nil }
        return (length.map { Int(clamping: $0) }, expiration)
    }

    /// `.some(nil)` where the tag is missing, nil where it is no number of at most 18 digits.
    private static func number(_ tags: TagList, _ name: String) -> Int64?? {
        guard let digits = tags.values[name] else { return .some(nil) }
        guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return .some(digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) })
    }
}
