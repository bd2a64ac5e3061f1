import InternetMessage
import MailModel

/// The three fields of one instance, read and checked as far as that goes without keys.
struct ARCSet: Sendable {
    var results: HeaderField
    var message: HeaderField
    var seal: ARCSeal

    enum Reading: Sendable {
        case none
        /// In order of their instances, from 1 on.
        case sets([ARCSet])
        case fail(String, instances: Int)
    }

    /// RFC 8617 §5.2, steps 1 to 3.
    static func read(_ content: [UInt8], _ header: HeaderSection) -> Reading {
        var found: [Kind: [Int: HeaderField]] = [:]
        var count = 0
        for field in header.fields {
            guard let kind = Kind(rawValue: field.lowercaseName(in: content)) else { continue }
            count += 1
            guard count <= ARC.fieldsMax else { return .fail("too many ARC fields", instances: 0) }
            guard let instance = kind.instance(of: field, in: content) else { return .fail("bad i= in \(kind.rawValue)", instances: 0) }
            guard found[kind, default: [:]].updateValue(field, forKey: instance) == nil else {
                return .fail("instance \(instance) stands twice", instances: 0)
            }
        }
        guard count > 0 else { return .none }
        let highest = found.values.flatMap(\.keys).max() ?? 0
        var sets: [ARCSet] = []
        for instance in 1...highest {
            guard let results = found[.results]?[instance], let message = found[.message]?[instance],
                let field = found[.seal]?[instance]
            else { return .fail("instance \(instance) is not whole", instances: highest) }
            guard let seal = ARCSeal(field, in: content) else { return .fail("the seal \(instance) cannot be read", instances: highest) }
            guard seal.validation == (instance == 1 ? .none : .pass) else {
                return .fail("the seal \(instance) says cv=\(seal.validation.rawValue)", instances: highest)
            }
            sets.append(ARCSet(results: results, message: message, seal: seal))
        }
        return .sets(sets)
    }

    private enum Kind: String {
        case results = "arc-authentication-results"
        case message = "arc-message-signature"
        case seal = "arc-seal"

        /// 1…50; nil for anything else.
        func instance(of field: HeaderField, in content: [UInt8]) -> Int? {
            let value = content[field.value]
            // The results are no list of tags past their first one.
            let text = self == .results ? value.prefix { $0 != 0x3B } : value
            guard let digits = TagList(text)?.values["i"], (1...2).contains(digits.count),
                let number = Int(String(decoding: digits, as: UTF8.self)), (1...ARC.instancesMax).contains(number)
            else { return nil }
            return number
        }
    }
}

/// An ARC-Seal (RFC 8617 §4.1.3).
struct ARCSeal: Sendable {
    enum Validation: String, Sendable {
        case none, pass, fail
    }

    let field: HeaderField
    let algorithm: DKIMAlgorithm
    let domain: DomainName
    let recordName: DomainName
    let validation: Validation
    let signature: [UInt8]

    init?(_ field: HeaderField, in content: [UInt8]) {
        guard let tags = TagList(content[field.value]), tags.values["h"] == nil,
            let algorithm = tags.text("a").flatMap({ DKIMAlgorithm(rawValue: $0.lowercased()) }),
            let domain = tags.text("d").flatMap({ DomainName($0) }), let selector = tags.text("s").flatMap({ DomainName($0) }),
            let recordName = DomainName("\(selector)._domainkey.\(domain)"),
            let validation = tags.text("cv").flatMap({ Validation(rawValue: $0.lowercased()) }),
            let signature = tags.values["b"].flatMap({ Base64.decode($0) }), !signature.isEmpty
        else { return nil }
        self.field = field
        self.algorithm = algorithm
        self.domain = domain
        self.recordName = recordName
        self.validation = validation
        self.signature = signature
    }

    /// What a seal covers: the fields of all sets before it and its own, and at the end the seal itself with an empty `b=` (§5.1.1).
    /// `value`: the seal's, as it stands or will stand.
    static func signed(_ earlier: [HeaderField], in content: [UInt8], value: ArraySlice<UInt8>) -> [UInt8] {
        var signed: [UInt8] = []
        for field in earlier { Canonicalization.relaxed.appendField(field, in: content, to: &signed) }
        appendSeal(value, to: &signed)
        return signed
    }

    static func appendSeal(_ value: ArraySlice<UInt8>, to signed: inout [UInt8]) {
        let empty = TagList.signatureRange(in: value) ?? value.endIndex..<value.endIndex
        signed += "arc-seal:".utf8
        Canonicalization.appendRelaxed([value[..<empty.lowerBound], value[empty.upperBound...]].joined(), to: &signed)
    }
}
