import HTTPTypes

/// The cookies of the console. All are kept from scripts and from other sites' requests.
struct PageCookies: Sendable {
    let isEncrypted: Bool

    /// The prefix has browsers refuse a cookie of this name that another host or a plaintext answer sets (RFC 6265bis §4.1.3).
    private var prefix: String { isEncrypted ? "__Host-" : "" }
    var sessionName: String { "\(prefix)postern-session" }
    /// Before anybody is signed in: what the sign-in form carries must be the same.
    var guestName: String { "\(prefix)postern-guest" }
    /// While somebody signs in elsewhere: what has to be known again when they come back, sealed.
    var awayName: String { "\(prefix)postern-away" }
    /// What was done, for the next page to say.
    var doneName: String { "\(prefix)postern-done" }

    static func value(_ name: String, in fields: HTTPFields) -> String? {
        for field in fields[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0] == name { return String(parts[1]) }
            }
        }
        return nil
    }

    /// `seconds`: nil until the browser ends, 0 to forget it.
    func field(_ name: String, _ value: String, seconds: Int?) -> String {
        var text = "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax"
        if let seconds { text += "; Max-Age=\(seconds)" }
        if isEncrypted { text += "; Secure" }
        return text
    }
}
