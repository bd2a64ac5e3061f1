/// Who it was that opened a copy or followed a link, as far as that can be said: images and links are fetched by machines too.
package struct ResponseReading: Hashable, Sendable {
    package enum Source: String, Hashable, Sendable, Codable, CaseIterable {
        case person
        /// A mail provider's proxy that fetches images when a message is opened, and sometimes before.
        case proxy
        case machine
    }

    /// Why it is taken for a machine or a proxy. The raw value is what the store holds.
    package enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        /// Nothing speaks against a person.
        case none = ""
        /// HEAD fetches nothing that anybody reads.
        case head
        /// Sooner after the copy left than people read.
        case soon
        /// No User-Agent, or that of a program.
        case program
        /// The name of a security scanner.
        case scanner
        /// Apple's Mail Privacy Protection: all images, read or not, by addresses of Apple's own.
        case applePrivacy = "apple-privacy"
        case gmailProxy = "gmail-proxy"
        case yahooProxy = "yahoo-proxy"

        package var source: Source {
            switch self {
            case .none: .person
            case .gmailProxy, .yahooProxy: .proxy
            case .head, .soon, .program, .scanner, .applePrivacy: .machine
            }
        }
    }

    package struct Facts: Hashable, Sendable {
        package var isClick: Bool
        package var isHead: Bool
        package var userAgent: String
        /// Since the receiver took the copy; nil where nobody knows.
        package var seconds: Int64?
        /// The client's address is one of 17.0.0.0/8.
        package var isApple: Bool

        package init(isClick: Bool, isHead: Bool, userAgent: String, seconds: Int64?, isApple: Bool = false) {
            self.isClick = isClick
            self.isHead = isHead
            self.userAgent = userAgent
            self.seconds = seconds
            self.isApple = isApple
        }
    }

    private static let scanners = [
        "barracuda", "proofpoint", "mimecast", "safelinks", "forcepoint", "symantec", "trendmicro", "fireeye", "sophos", "cloudmark",
        "messagelabs", "microsoft office existence", "bitdefender",
    ]
    private static let programs = [
        "curl/", "wget/", "python", "go-http", "java/", "okhttp", "libwww", "headless", "bot", "spider", "crawl",
    ]

    /// `machineSeconds`: what comes sooner after the copy is taken for a machine.
    package static func rule(_ facts: Facts, machineSeconds: Int64) -> Rule {
        let agent = facts.userAgent.lowercased()
        if facts.isHead { return .head }
        if scanners.contains(where: agent.contains) { return .scanner }
        if !facts.isClick {
            if agent.contains("googleimageproxy") || agent.contains("ggpht.com") { return .gmailProxy }
            if agent.contains("yahoomailproxy") { return .yahooProxy }
            if facts.isApple || agent == "mozilla/5.0" { return .applePrivacy }
        }
        if agent.isEmpty || programs.contains(where: agent.contains) { return .program }
        if let seconds = facts.seconds, seconds < machineSeconds { return .soon }
        return .none
    }
}
