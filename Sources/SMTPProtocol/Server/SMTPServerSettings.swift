/// Limits of one SMTP server connection. Each has a reply of its own when it is passed.
package struct SMTPServerLimits: Hashable, Sendable {
    /// Octets of a command line, CRLF included. RFC 5321 §4.5.3.1.4 asks for 512 and more for each extension; DSN, SIZE,
    /// SMTPUTF8 and FUTURERELEASE together stay well below this.
    package var commandLineBytesMax = 2048
    /// Octets of a line of AUTH and of its answers, CRLF included (RFC 4954 §4).
    package var authLineBytesMax = 12_288
    /// Octets of a line of content, CRLF and stuffed dot not counted (RFC 5321 §4.5.3.1.6).
    package var textLineBytesMax = 998
    /// Octets of one message, announced as SIZE (RFC 1870).
    package var messageBytesMax = 36_700_160
    /// Recipients of one message, announced as RCPTMAX (RFC 9422). RFC 5321 §4.5.3.1.8 asks for at least 100.
    package var recipientsMax = 1000
    /// Octets that may wait unread while a decision is awaited; past it `SMTPServerMachine.wantsInput` is false.
    package var pipelinedBytesMax = 65_536
    /// Octets past which the connection is closed: a shell that has stopped reading can still hand over what was on its way.
    package var unreadBytesMax = 1_048_576
    /// Commands that were not understood or came out of order, before 421.
    package var badCommandsMax = 10
    /// Sign-ins that failed, before 421.
    package var failedSignInsMax = 3
    /// Octets of replies gathered into one `send`.
    package var outputBytesMax = 32_768

    package init() {}
}

/// What one SMTP server connection offers.
package struct SMTPServerSettings: Hashable, Sendable {
    /// Our name in the greeting and in the answer to EHLO; a domain name or an address literal.
    package var hostName: String
    package var limits: SMTPServerLimits
    /// STARTTLS is announced and taken while the connection is in plaintext.
    package var offersStartTLS: Bool
    /// AUTH PLAIN and LOGIN are announced and taken; never in plaintext, whatever this says.
    package var offersAuth: Bool
    /// The longest time a client may ask us to hold a message (RFC 4865); nil: FUTURERELEASE is not offered.
    package var futureReleaseMax: Duration?
    /// AUTH XOAUTH2 is taken too; it is announced where the manner says so.
    package var takesTokens = false
    /// Nil: ours.
    package var manner: SMTPServerManner?

    package init(
        hostName: String, limits: SMTPServerLimits = SMTPServerLimits(), offersStartTLS: Bool = false, offersAuth: Bool = false,
        futureReleaseMax: Duration? = nil
    ) {
        self.hostName = hostName
        self.limits = limits
        self.offersStartTLS = offersStartTLS
        self.offersAuth = offersAuth
        self.futureReleaseMax = futureReleaseMax
    }
}
