package import MailModel

/// The words of another server, for those who speak in its place. What is not here is said in ours.
package struct SMTPServerManner: Hashable, Sendable {
    /// After the host name in the greeting.
    package var greeting: String
    /// After the host name in the first line of the answer to EHLO; empty for nothing.
    package var hello: String
    /// Further lines of EHLO, in order, in place of ours; `STARTTLS` and `AUTH …` among them are left out where they do not hold.
    package var extensions: [String]
    package var startTLS: SMTPReply
    package var quit: SMTPReply
    package var reset: SMTPReply
    /// MAIL in plaintext; nil: taken.
    package var plaintextRefusal: SMTPReply?

    package init(
        greeting: String, hello: String, extensions: [String], startTLS: SMTPReply, quit: SMTPReply, reset: SMTPReply,
        plaintextRefusal: SMTPReply? = nil
    ) {
        self.greeting = greeting
        self.hello = hello
        self.extensions = extensions
        self.startTLS = startTLS
        self.quit = quit
        self.reset = reset
        self.plaintextRefusal = plaintextRefusal
    }
}
