package import MailModel

/// What connections that are counted together have in common (RFC 8460 §4.3).
package struct TLSSessionKind: Hashable, Sendable, Codable {
    /// Which policy of the domain was gone by.
    package enum Policy: String, Hashable, Sendable, Codable, CaseIterable {
        case tlsa
        case sts
        case none = "no-policy-found"
    }

    package var policy: Policy
    /// The policy's own lines: MTA-STS as it was fetched, or TLSA records. Empty where there is none.
    package var policyLines: [String] = []
    /// Nil: the session was good.
    package var fault: TLSFault?
    package var reason: String?
    /// Of failures alone: good sessions are counted over all hosts.
    package var host: String?
    package var address: IPAddress?
    package var sourceAddress: IPAddress?

    package init(policy: Policy, policyLines: [String] = []) {
        self.policy = policy
        self.policyLines = policyLines
    }
}

extension TLSSessionKind {
    /// A connection that was made, or failed over TLS. `memory`: of the domain's MTA-STS policy.
    package init(_ observation: TLSObservation, _ memory: MTASTSMemory?, at now: Timestamp) {
        let detail = observation.detail
        switch detail.demand {
        case .dane, .daneUnusable: self.init(policy: .tlsa, policyLines: observation.records.map(\.text))
        case .stsEnforce, .stsTesting: self.init(policy: .sts, policyLines: memory?.live(at: now)?.lines ?? [])
        // What is asked for beside a domain's policy does not take that away.
        case .remembered, .requireTLS:
            let policy = memory?.live(at: now).flatMap { $0.mode == .none ? nil : $0 }
            self.init(policy: policy == nil ? .none : .sts, policyLines: policy?.lines ?? [])
        case .route, .waived: self.init(policy: .none)
        }
        if let fault = memory?.fault, policy == .none, memory?.live(at: now) == nil {
            // The domain announces a policy that cannot be had: that is what it wants to hear of.
            self.init(policy: .sts)
            self.fault = fault.fault
            reason = fault.text
            return
        }
        // Without a policy any TLS is as good as it gets.
        if observation.version == nil || policy == .sts || detail.demand == .dane { fault = detail.fault }
        guard fault != nil else { return }
        reason = detail.reason
        host = observation.host
        address = observation.address
        sourceAddress = observation.sourceAddress
    }

    /// All hosts were refused before a connection: none is named by the policy, or DNS did not say what they must show.
    package init(refused knowledge: TLSKnowledge) {
        let failed = knowledge.dane.first { if case .failed = $0.value { true } else { false } }
        if let failed, case .failed(let text) = failed.value {
            self.init(policy: .tlsa)
            fault = .dnssecInvalid
            reason = text
            host = failed.key
        } else {
            self.init(policy: .sts, policyLines: knowledge.sts.policy?.lines ?? [])
            fault = .validationFailure
            reason = "no MX host is named by the policy"
        }
    }
}

extension TLSARecord {
    /// As a zone file has it.
    package var text: String { "\(kind) \(data.hexadecimal)" }
}
