package import MailModel
package import SMTPProtocol

/// One listening socket and the bounds on its connections.
package struct SMTPListenerSettings: Sendable {
    /// Address or name to bind.
    package var host = "127.0.0.1"
    /// 0 takes a free port; `SMTPListener.localPort` says which.
    package var port = 0
    /// TLS from the first octet (RFC 8314), in place of STARTTLS.
    package var implicitTLS = false
    package var machine: SMTPServerSettings
    /// Connections that the kernel keeps ready for us.
    package var backlog: Int32 = 1024
    /// Balancers. They must send a PROXY header first; from others it is an unknown command.
    package var proxyNetworks: [IPNetwork] = []

    /// A client that says nothing for this long is sent 421 (RFC 5321 §4.5.3.2.7: at least 5 minutes).
    package var idleTimeout = Duration.seconds(300)
    /// For a PROXY header and for a TLS handshake.
    package var handshakeTimeout = Duration.seconds(30)
    /// What a client must send at least while a command or a message is under way, in octets a second, measured over `idleTimeout`:
    /// an octet now and then does not hold a connection.
    package var bytesPerSecondMin = 100
    /// The longest life of one connection. It ends between messages or within one, never while we owe an answer.
    package var sessionDurationMax = Duration.seconds(86_400)
    /// The most octets of one connection.
    package var sessionBytesMax = 64 << 30
    /// How long a connection that we end is kept for the client to read why.
    package var lingerTimeout = Duration.seconds(5)

    package init(machine: SMTPServerSettings) { self.machine = machine }
}
