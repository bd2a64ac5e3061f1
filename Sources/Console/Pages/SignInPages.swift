/// Somebody types a name and a password, and perhaps the code of a second factor.
package struct ConsoleSignIn: Sendable {
    package var name: String
    package var password: String
    /// Six digits, or a recovery code; empty on the first page.
    package var code: String
    /// What the first page's answer brought, that the second sends back in place of the password; empty on the first.
    package var pending: String
    package var peer: APIPeer
    /// What the browser calls itself.
    package var agent: String
}

package enum ConsoleSignInOutcome: Sendable {
    /// `token`: for the cookie.
    case signedIn(token: String)
    /// The password is right; a code is wanted too. `wrong`: the one that came was not right.
    case codeWanted(pending: String, wrong: Bool)
    /// Wrong; the answer waits for `after`.
    case refused(String, after: Duration)
    case locked(String)
}

/// The pages for those who are not signed in.
enum SignInPages {
    static let path = "/sign-in"

    /// `next`: where to go then, within this site.
    static func password(
        next: String, name: String, problem: String, advice: String, offers: [SignInOffer], isEmptyGate: Bool
    ) -> Page {
        var page = Page("Sign in")
        if !problem.isEmpty { page.blocks.append(.notice(Notice(.bad, problem, text: advice))) }
        if !offers.isEmpty {
            page.blocks.append(
                .links(offers.map { Link("Sign in with \($0.title)", "\(SignInOffer.path($0.name))?next=\(PercentText.encode(next))") }))
        }
        if isEmptyGate {
            page.blocks.append(
                .notice(
                    Notice(
                        .info, "There is no administrator yet", text: "Make one on the machine that Postern runs on:",
                        items: ["postern accounts add you@example.org --role administrator --data DIR"])))
        }
        page.blocks.append(
            .form(
                Form(
                    act: "sign-in", "Sign in", action: path,
                    fields: [
                        Field("name", "Address", .input("email"), value: name, isRequired: true, autocomplete: "username"),
                        Field("password", "Password", .input("password"), isRequired: true, autocomplete: "current-password"),
                    ], hidden: ["next": next])))
        return page
    }

    static func code(next: String, pending: String, isWrong: Bool) -> Page {
        var page = Page("Second factor")
        if isWrong { page.blocks.append(.notice(Notice(.bad, "That code is not right, or was used before"))) }
        page.blocks.append(
            .form(
                Form(
                    act: "code", "Sign in", action: path,
                    fields: [
                        Field(
                            "code", "Code", hint: "Six digits from your authenticator, or one of your recovery codes.", isRequired: true,
                            autocomplete: "one-time-code")
                    ], hidden: ["next": next, "pending": pending], cancel: Link("Begin again", path))))
        return page
    }

    /// Only a path of this site, so that a link to the sign-in leads nowhere else.
    static func safe(_ next: String) -> String {
        let isPath = next.hasPrefix("/") && !next.hasPrefix("//") && !next.hasPrefix("/\\")
        let isPlain = next.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
        return isPath && isPlain && next.utf8.count <= 2000 && !next.hasPrefix(path) ? next : "/"
    }
}
