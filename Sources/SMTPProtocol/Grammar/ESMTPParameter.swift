import MailModel

/// One parameter of MAIL or RCPT (RFC 5321 §4.1.2, esmtp-param).
struct ESMTPParameter: Sendable {
    /// Upper case.
    let keyword: String
    /// Nil where there is no `=`.
    let value: ArraySlice<UInt8>?

    /// Most parameters of one command; MAIL knows ten.
    static let countMax = 20

    /// Reads all parameters, or says what is wrong. No keyword comes twice in the result.
    static func read(_ text: ArraySlice<UInt8>) -> Result<[ESMTPParameter], Refusal> {
        guard !text.isEmpty else { return .success([]) }
        var parameters: [ESMTPParameter] = []
        for word in text.split(separator: ASCII.space) {
            let name = word.prefix { $0 != ASCII.equals }
            let keyword = String(decoding: name.lazy.map(ASCII.uppercased), as: UTF8.self)
            guard isKeyword(name) else { return .failure(.syntax("\"\(keyword)\" is not a parameter")) }
            let value = name.count == word.count ? nil : word.dropFirst(name.count + 1)
            guard value.map({ !$0.isEmpty && !$0.contains(ASCII.equals) }) ?? true else {
                return .failure(.syntax("the value of \(keyword) is empty or holds \"=\""))
            }
            guard !parameters.contains(where: { $0.keyword == keyword }) else { return .failure(.syntax("\(keyword) is given twice")) }
            guard parameters.count < countMax else { return .failure(.syntax("more than \(countMax) parameters")) }
            parameters.append(ESMTPParameter(keyword: keyword, value: value))
        }
        return .success(parameters)
    }

    private static func isKeyword(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, ASCII.isLetter(first) || ASCII.isDigit(first) else { return false }
        return name.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.hyphen }
    }

    /// The value in upper case, for keywords that are compared without case.
    var word: String? { value.map { String(decoding: $0.lazy.map(ASCII.uppercased), as: UTF8.self) } }
}

/// A reply that refuses a command, as an error.
struct Refusal: Error, Equatable, Sendable {
    let reply: SMTPReply

    init(_ code: Int, _ enhanced: EnhancedStatusCode, _ text: String) { reply = SMTPReply(code, enhanced, text) }

    /// 501 5.5.4: the command is known, its arguments are not right.
    static func syntax(_ text: String) -> Refusal { Refusal(501, EnhancedStatusCode(5, 5, 4), "Syntax error: \(text)") }

    /// 555 5.5.4: a parameter that is not offered (RFC 5321 §4.1.1.11).
    static func unknown(_ text: String) -> Refusal { Refusal(555, EnhancedStatusCode(5, 5, 4), "\(text) is not offered here") }
}
