import MailModel

/// Answers packets of DNS from a zone (RFC 1035, EDNS0 of RFC 6891). Any octets may come; none of them is believed.
package enum TwinNameServer {
    private static let headerBytes = 12
    private static let plainMax = 512
    private static let packetMax = 1232
    /// Seconds. Short, so that a change is seen.
    private static let life: UInt8 = 5
    private static let aliasesMax = 8

    private enum Code: UInt8 {
        case good = 0
        case malformed = 1
        case noName = 3
        case notImplemented = 4
        case refused = 5
    }

    private struct Question {
        var name: DomainName
        var type: UInt16
        var isInternet: Bool
        /// After the question.
        var end: Int
    }

    /// Nil: not a query; nothing is said.
    package static func answer(_ packet: [UInt8], from zone: TwinZone) -> [UInt8]? {
        guard (headerBytes...packetMax).contains(packet.count), packet[2] & 0x80 == 0 else { return nil }
        guard packet[2] & 0x78 == 0 else { return reply(packet, questionEnd: nil, .notImplemented, []) }
        guard let question = question(packet) else { return reply(packet, questionEnd: nil, .malformed, []) }
        guard question.isInternet else { return reply(packet, questionEnd: question.end, .refused, []) }
        var answers: [[UInt8]] = []
        var name = question.name
        // Names lead on to others at most so often.
        for _ in 0..<aliasesMax {
            switch zone.answer(name, question.type) {
            case .records(let records):
                answers += records.map { encode($0, owner: name) }
                return reply(packet, questionEnd: question.end, .good, answers)
            case .noName: return reply(packet, questionEnd: question.end, answers.isEmpty ? .noName : .good, answers)
            case .noData:
                guard case .records(let aliases) = zone.answer(name, 5), let alias = aliases.first, case .cname(let target) = alias else {
                    return reply(packet, questionEnd: question.end, .good, answers)
                }
                answers.append(encode(alias, owner: name))
                name = target
            }
        }
        return reply(packet, questionEnd: question.end, .good, answers)
    }

    /// The one question, its name without pointers; nil for anything else.
    private static func question(_ packet: [UInt8]) -> Question? {
        guard packet[4] == 0, packet[5] == 1 else { return nil }
        var labels: [String] = []
        var index = headerBytes
        while index < packet.count, packet[index] != 0 {
            let length = Int(packet[index])
            guard length <= DomainName.labelBytesMax, index + 1 + length < packet.count, labels.count < 128 else { return nil }
            labels.append(String(decoding: packet[(index + 1)...(index + length)], as: UTF8.self))
            index += 1 + length
        }
        guard index + 4 < packet.count, let name = DomainName(labels.joined(separator: ".")) else { return nil }
        return Question(
            name: name, type: UInt16(packet[index + 1]) << 8 | UInt16(packet[index + 2]),
            isInternet: packet[index + 3] == 0 && packet[index + 4] == 1, end: index + 5)
    }

    private static func encode(_ record: TwinRecord, owner: DomainName) -> [UInt8] {
        let data = record.data
        return TwinRecord.wire(owner) + [UInt8(record.code >> 8), UInt8(record.code & 0xFF), 0, 1, 0, 0, 0, life]
            + [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
    }

    /// With the question as it came, since resolvers compare its letters. Without room for them the answers are left out and TC is set.
    private static func reply(_ packet: [UInt8], questionEnd: Int?, _ code: Code, _ answers: [[UInt8]]) -> [UInt8] {
        let question = questionEnd.map { Array(packet[headerBytes..<$0]) } ?? []
        let size = questionEnd.flatMap { extendedSize(packet, after: $0) }
        let option: [UInt8] = size == nil ? [] : [0, 0, 41, UInt8(packetMax >> 8), UInt8(packetMax & 0xFF), 0, 0, 0, 0, 0, 0]
        // A negative answer says how long it holds: the authority of everything.
        let authority: [UInt8] =
            questionEnd != nil && answers.isEmpty
            ? [0, 0, 6, 0, 1, 0, 0, 0, life, 0, 22, 0, 0] + [UInt8](repeating: 0, count: 19) + [life] : []
        let all = answers.flatMap(\.self)
        let isCut = headerBytes + question.count + all.count + authority.count + option.count > (size ?? plainMax)
        let count = isCut ? 0 : answers.count
        // QR, AA, TC where it is cut, RD as asked, RA.
        let flags: [UInt8] = [0x84 | (isCut ? 2 : 0) | packet[2] & 1, 0x80 | code.rawValue]
        let counts: [UInt8] = [
            0, question.isEmpty ? 0 : 1, UInt8(count >> 8), UInt8(count & 0xFF), 0, authority.isEmpty ? 0 : 1, 0, option.isEmpty ? 0 : 1,
        ]
        return Array(packet[..<2]) + flags + counts + question + (isCut ? [] : all) + authority + option
    }

    /// Octets that the client takes, by its OPT record; nil where it sent none.
    private static func extendedSize(_ packet: [UInt8], after end: Int) -> Int? {
        guard packet[6...9].allSatisfy({ $0 == 0 }), packet[11] > 0, packet.count >= end + 11, packet[end] == 0, packet[end + 1] == 0,
            packet[end + 2] == 41
        else { return nil }
        return min(max(Int(packet[end + 3]) << 8 | Int(packet[end + 4]), plainMax), packetMax)
    }
}
