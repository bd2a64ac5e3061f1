package import MailModel

/// Whether a domain lets an address send in its name (RFC 7208), as a function of DNS answers.
package enum SPF {
    package enum Result: String, Hashable, Sendable {
        case none, neutral, pass, fail, softfail
        /// DNS did not answer.
        case temporaryError = "temperror"
        /// The domain's records cannot be used.
        case permanentError = "permerror"
    }

    /// One session's facts.
    package struct Subject: Hashable, Sendable {
        package var client: IPAddress
        /// Whose record is asked: that of the reverse-path, or of the EHLO name where that is null.
        package var domain: DomainName
        /// Of the reverse-path; `postmaster` where there is none (RFC 7208 §4.3).
        package var localPart: String
        package var helloName: String

        package init(client: IPAddress, domain: DomainName, localPart: String, helloName: String) {
            self.client = client
            self.domain = domain
            self.localPart = localPart
            self.helloName = helloName
        }

        /// Nil where there is no domain to ask.
        package init?(client: IPAddress, reversePath: ReversePath, helloName: String) {
            let address = reversePath.address
            guard let domain = address == nil ? DomainName(helloName) : address?.domain else { return nil }
            self.client = client
            self.domain = domain
            localPart = address?.localPart ?? "postmaster"
            self.helloName = helloName
        }
    }

    package enum Question: Hashable, Sendable {
        case txt(DomainName)
        case addresses(DomainName)
        case mx(DomainName)
        /// The names of the client.
        case pointers(IPAddress)
    }

    package struct Answers: Sendable {
        package var txt: [DomainName: DNSAnswer<String>] = [:]
        package var addresses: [DomainName: DNSAnswer<IPAddress>] = [:]
        package var mx: [DomainName: DNSAnswer<MXRecord>] = [:]
        /// Of the client; nil while they were not asked for.
        package var pointers: DNSAnswer<DomainName>?

        package init() {}
    }

    package enum Step: Hashable, Sendable {
        /// To be asked again with the answer to this beside the others.
        case ask(Question)
        case done(Result)
    }

    /// Questions of one check: a record each for eleven domains, ten hosts with ten MX each, and
    /// the names of the client (RFC 7208 §4.6.4).
    package static let questionsMax = 150

    /// Looks at everything anew: what was answered costs nothing.
    package static func step(_ subject: Subject, _ answers: Answers) -> Step {
        var evaluation = SPFEvaluation(subject: subject, answers: answers)
        do throws(SPFEvaluation.Stop) {
            return .done(try evaluation.result(of: subject.domain))
        } catch {
            switch error {
            case .needs(let question): return .ask(question)
            case .temporary: return .done(.temporaryError)
            case .permanent: return .done(.permanentError)
            }
        }
    }
}
