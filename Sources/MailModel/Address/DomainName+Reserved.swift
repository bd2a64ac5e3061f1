extension DomainName {
    /// True for names of trials and documentation, which lead nowhere (RFC 2606, RFC 6761): nobody is asked about them unbidden.
    package var isReserved: Bool {
        let labels = text.split(separator: ".")
        switch labels.last {
        case "test", "example", "invalid", "localhost": return true
        case "com", "net", "org": return labels.dropLast().last == "example"
        default: return false
        }
    }
}
