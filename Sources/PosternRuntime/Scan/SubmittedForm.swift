import InternetMessage

/// A message that was received, as it was when it was submitted: without what the way added, and without dates. Collections of spam and
/// wanted mail differ in those, and a filter that learns them has learnt nothing.
enum SubmittedForm {
    /// `hasHeader` false: without everything that does not say how to read the body.
    static func of(_ content: [UInt8], hasHeader: Bool = true) -> [UInt8] {
        let tree = MIMETree.read(content)
        guard let first = tree.fields.first, let last = tree.fields.last else { return content }
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        for field in tree.fields {
            let name = field.lowercaseName(in: content)
            let isKept = hasHeader ? !isOfTheWay(name) : name.hasPrefix("content-") || name == "mime-version"
            if isKept { result += content[field.whole] }
        }
        // An mbox line before the first field goes too.
        precondition(first.start <= last.end)
        return result + content[last.end...]
    }

    private static func isOfTheWay(_ name: String) -> Bool {
        ["received", "delivered-to", "return-path", "date", "status", "lines", "precedence", "errors-to"].contains(name)
            || ["x-", "list-", "resent-"].contains { name.hasPrefix($0) }
    }
}
