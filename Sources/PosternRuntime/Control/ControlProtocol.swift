import Glibc

/// What goes over the control socket: one request and one response, each one line of JSON.
struct ControlRequest: Codable {
    var operation: String
    var reason: String
    /// The operation's fields, as JSON text.
    var fields: String
}

struct ControlResponse: Codable {
    /// The outcome as JSON text; nil with an error.
    var outcome: String?
    var error: AdministrationError?
}

enum ControlLimits {
    static let requestBytesMax = 1_048_576
    /// 10,000 rows of the trace with long subjects and replies.
    static let responseBytesMax = 134_217_728
    static let connectionsMax = 32
    static let requestTimeout = Duration.seconds(10)
    /// For the client to take the response.
    static let responseTimeout = Duration.seconds(60)
}

/// Where a command reaches the gate of a data directory.
enum ControlAddress {
    /// A socket's path holds 107 octets on Linux; a longer one is reached through the open directory instead.
    static func path(_ directory: DataDirectory) -> String {
        guard directory.controlSocket.utf8.count > 100 else { return directory.controlSocket }
        let descriptor = open(directory.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // The descriptor stays open as long as the process: the address is good for that long.
        return descriptor < 0 ? directory.controlSocket : "/proc/self/fd/\(descriptor)/control.sock"
    }
}
