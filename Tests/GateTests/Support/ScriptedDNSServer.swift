import Foundation
import GateSupport
import Glibc
import Synchronization

/// A DNS server on loopback (UDP) that says what the test scripted: real packets for the gate's resolver.
///
/// `@unchecked`: the descriptor is set once; everything else is in the mutex.
final class ScriptedDNSServer: @unchecked Sendable {
    enum Reply: Sendable {
        /// Records of the type asked for, each as wire data, with the TTL in seconds.
        case records([[UInt8]], ttlSeconds: UInt32 = 300)
        /// A CNAME alone; the resolver asks for its target by itself.
        case alias(String)
        case noData
        case nonexistent
        case serverFailure
        case silence
    }

    private struct State {
        var replies: [String: Reply] = [:]
        var counts: [String: Int] = [:]
        var isStopped = false
    }

    let port: Int
    private let descriptor: CInt
    private let state = Mutex(State())

    /// `replies`: by `name type`, such as `example.org. MX` without the dot; what is not there does not exist.
    init(_ replies: [String: Reply]) {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        state.withLock { $0.replies = replies }
        Thread { self.serve() }.start()
    }

    /// How often `name type` was asked.
    func count(_ question: String) -> Int { state.withLock { $0.counts[question, default: 0] } }

    func set(_ question: String, _ reply: Reply) { state.withLock { $0.replies[question] = reply } }

    func stop() {
        state.withLock { $0.isStopped = true }
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    private func serve() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !state.withLock({ $0.isStopped }) {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    let count = recvfrom(descriptor, &buffer, buffer.count, 0, generic, &length)
                    guard count > 12, let answer = answer(Array(buffer[..<count])) else { return }
                    _ = sendto(descriptor, answer, answer.count, 0, generic, length)
                }
            }
        }
        close(descriptor)
    }

    private func answer(_ query: [UInt8]) -> [UInt8]? {
        var position = 12
        var labels: [String] = []
        while position < query.count, query[position] != 0 {
            let length = Int(query[position])
            labels.append(String(decoding: query[(position + 1)..<(position + 1 + length)], as: UTF8.self).lowercased())
            position += 1 + length
        }
        let question = Array(query[12..<(position + 5)])
        let type = Int(query[position + 1]) << 8 | Int(query[position + 2])
        let names = [1: "A", 15: "MX", 16: "TXT", 28: "AAAA"]
        let key = "\(labels.joined(separator: ".")) \(names[type] ?? String(type))"
        let reply = state.withLock { state in
            state.counts[key, default: 0] += 1
            return state.replies[key] ?? .nonexistent
        }
        switch reply {
        case .silence: return nil
        case .serverFailure: return packet(query, question, code: 2, [])
        case .nonexistent: return packet(query, question, code: 3, [])
        case .noData: return packet(query, question, code: 0, [])
        case .records(let records, let ttl):
            return packet(query, question, code: 0, records.map { record([0xC0, 12], type, ttl, $0) })
        case .alias(let target): return packet(query, question, code: 0, [record([0xC0, 12], 5, 300, wireName(target))])
        }
    }

    private func record(_ name: [UInt8], _ type: Int, _ ttl: UInt32, _ data: [UInt8]) -> [UInt8] {
        name + [UInt8(type >> 8), UInt8(type & 255), 0, 1]
            + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ttl >> $0) } + [UInt8(data.count >> 8), UInt8(data.count & 255)] + data
    }

    /// Recursion available; for a negative answer an SOA of the root in the authority section, so that it may be cached (RFC 2308).
    private func packet(_ query: [UInt8], _ question: [UInt8], code: UInt8, _ answers: [[UInt8]]) -> [UInt8] {
        let isNegative = answers.isEmpty && code != 2
        var authority: [UInt8] = []
        if isNegative {
            let numbers: [UInt8] = [0, 0, 0, 1] + [0, 0, 0, 60] + [0, 0, 0, 60] + [0, 0, 0, 60] + [0, 0, 0, 60]
            authority = record([0], 6, 60, wireName("a.root.example") + wireName("root.example") + numbers)
        }
        let header: [UInt8] = [query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, UInt8(answers.count), 0, isNegative ? 1 : 0, 0, 0]
        return header + question + answers.flatMap { $0 } + authority
    }
}

/// A name in wire format without compression.
func wireName(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}

/// MX data.
func mxData(_ preference: UInt16, _ exchange: String) -> [UInt8] {
    [UInt8(preference >> 8), UInt8(preference & 255)] + wireName(exchange)
}

/// TXT data of one text, in strings of at most 255 octets.
func txtData(ofLong text: String) -> [UInt8] {
    let octets = Array(text.utf8)
    return stride(from: 0, to: octets.count, by: 255).flatMap { start in
        let part = octets[start..<min(start + 255, octets.count)]
        return [UInt8(part.count)] + part
    }
}

/// TXT data of several strings.
func txtData(_ strings: String...) -> [UInt8] {
    strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
}
