package import MailModel

/// The client's side of a SOCKS5 connection (RFC 1928, RFC 1929), up to where the target's octets begin. A pure machine.
package struct SOCKSHandshake: Sendable {
    package enum Step: Hashable, Sendable {
        /// More octets have to come.
        case wait
        case send([UInt8])
        /// The rest is the target's.
        case done(rest: [UInt8])
        case failed(String)
    }

    private enum Stage { case method, password, reply }

    private let target: IPAddress
    private let port: Int
    private let credentials: (name: String, password: String)?
    private var stage = Stage.method
    private var input: [UInt8] = []

    /// `port`: 1…65535. Name and password: 1…255 octets each.
    package init(target: IPAddress, port: Int, credentials: (name: String, password: String)? = nil) {
        self.target = target
        self.port = port
        self.credentials = credentials
    }

    /// What is said first.
    package var greeting: [UInt8] { credentials == nil ? [5, 1, 0] : [5, 2, 0, 2] }

    package mutating func received(_ octets: some Sequence<UInt8>) -> Step {
        input += octets
        switch stage {
        case .method:
            guard input.count >= 2 else { return .wait }
            let (version, method) = (input[0], input[1])
            input.removeFirst(2)
            guard version == 5 else { return .failed("it does not speak SOCKS5") }
            switch method {
            case 0: return connect()
            case 2:
                guard let credentials else { return .failed("it wants a user name and password") }
                stage = .password
                let (name, password) = (Array(credentials.name.utf8.prefix(255)), Array(credentials.password.utf8.prefix(255)))
                return .send([1, UInt8(name.count)] + name + [UInt8(password.count)] + password)
            default: return .failed("it takes no sign-in that Postern knows")
            }
        case .password:
            guard input.count >= 2 else { return .wait }
            let status = input[1]
            input.removeFirst(2)
            return status == 0 ? connect() : .failed("it refuses the user name and password")
        case .reply: return reply()
        }
    }

    private mutating func connect() -> Step {
        guard input.isEmpty else { return .failed("it spoke before it was asked") }
        stage = .reply
        return .send([5, 1, 0, target.isV6 ? 4 : 1] + target.octets + [UInt8(port >> 8), UInt8(port & 0xFF)])
    }

    private func reply() -> Step {
        guard input.count >= 5 else { return .wait }
        guard input[0] == 5 else { return .failed("its reply is not SOCKS5") }
        if input[1] != 0 { return .failed(SOCKSHandshake.words(input[1])) }
        let length: Int
        switch input[3] {
        case 1: length = 4
        case 3: length = 1 + Int(input[4])
        case 4: length = 16
        default: return .failed("its reply has an address of no known kind")
        }
        let end = 4 + length + 2
        return input.count < end ? .wait : .done(rest: Array(input[end...]))
    }

    /// RFC 1928 §6.
    private static func words(_ code: UInt8) -> String {
        switch code {
        case 1: "it failed"
        case 2: "its rules do not allow the connection"
        case 3: "the network cannot be reached"
        case 4: "the host cannot be reached"
        case 5: "connection refused"
        case 6: "the connection took too long"
        case 7: "it does not know the command"
        case 8: "it does not know the kind of address"
        default: "it answered with \(code)"
        }
    }
}
