/// A way to sign in elsewhere, as the sign-in page offers it.
package struct SignInOffer: Hashable, Sendable {
    package var name: String
    /// As people know it.
    package var title: String

    package init(name: String, title: String) {
        self.name = name
        self.title = title
    }

    static func path(_ name: String) -> String { "\(SignInPages.path)/with/\(name)" }
    /// Where the provider leads back to; it has to know the whole address.
    package static func backPath(_ name: String) -> String { "\(path(name))/back" }
}

/// Somebody wants to sign in by a provider.
package struct SignInDeparture: Sendable {
    package var provider: String
    /// Where to go then, within this site.
    package var next: String
    /// As the browser names this site: `https://mail.example.org`.
    package var origin: String
}

/// Somebody comes back from a provider, with what it put into the address.
package struct SignInArrival: Sendable {
    package var provider: String
    package var code: String
    package var state: String
    /// Of RFC 6749 §4.1.2.1; empty for none.
    package var error: String
    /// Of RFC 9207; empty where the provider does not say it.
    package var issuer: String
    /// What the browser was given when it left; empty where it does not have it.
    package var sealed: String
    package var peer: APIPeer
    package var agent: String
}

/// Why somebody was not let in, and what to do.
package struct SignInRefusal: Hashable, Sendable {
    package var title: String
    package var advice: String

    package init(_ title: String, advice: String) {
        self.title = title
        self.advice = advice
    }
}

package enum SignInDepartureOutcome: Sendable {
    /// `sealed`: for the cookie.
    case away(location: String, sealed: String)
    case refused(SignInRefusal)
}

package enum SignInArrivalOutcome: Sendable {
    /// `token`: for the cookie.
    case signedIn(token: String, next: String)
    /// The account has a second factor of its own.
    case codeWanted(pending: String, next: String)
    /// The answer waits for `after`.
    case refused(SignInRefusal, after: Duration)
}

/// What the pages ask of the gate for signing in elsewhere.
package struct ProviderPorts: Sendable {
    package var offers: @Sendable () async -> [SignInOffer]
    package var leave: @Sendable (SignInDeparture) async -> SignInDepartureOutcome
    package var arrive: @Sendable (SignInArrival) async -> SignInArrivalOutcome
    /// Where whoever signs out here signs out there too; nil where the session was not begun elsewhere, or that is not offered.
    package var farewell: @Sendable (Viewer, _ origin: String) async -> Link?

    package init(
        offers: @escaping @Sendable () async -> [SignInOffer],
        leave: @escaping @Sendable (SignInDeparture) async -> SignInDepartureOutcome,
        arrive: @escaping @Sendable (SignInArrival) async -> SignInArrivalOutcome,
        farewell: @escaping @Sendable (Viewer, _ origin: String) async -> Link?
    ) {
        self.offers = offers
        self.leave = leave
        self.arrive = arrive
        self.farewell = farewell
    }
}
