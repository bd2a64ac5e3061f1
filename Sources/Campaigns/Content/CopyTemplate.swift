import Mustache

/// A text with tags that each person's attributes fill in.
///
///     Dear {{first name|reader}}, {{#city}}see you in {{city}}.{{/city}}
///
/// `{{name}}`, `{{name|what stands there where it is empty}}`, `{{#name}}…{{/name}}` where it is not empty, `{{^name}}…{{/name}}` where it
/// is. Names are titles of columns; case does not count. Rendered by swift-mustache, which sees nothing of the other forms that it knows.
package struct CopyTemplate: Sendable {
    package enum Markup: Sendable {
        case html, plain
    }

    /// What cannot be read as a template.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Names of attributes that are used, lower case, in order of their first use.
    package private(set) var names: [String] = []
    /// Those that stand somewhere without anything for where they are empty.
    package private(set) var bareNames: Set<String> = []
    private let template: MustacheTemplate

    package static let tagsMax = 1000

    /// `markup`: `.html` escapes what is filled in.
    package init(_ text: String, markup: Markup) throws(Fault) {
        var reader = TagReader(markup: markup)
        try reader.read(text)
        names = reader.names
        bareNames = reader.bareNames
        do {
            template = try MustacheTemplate(string: reader.mustache)
        } catch {
            throw Fault(description: "a section is not closed, or closed twice: each {{#name}} and {{^name}} needs its {{/name}}")
        }
    }

    /// `values` by name in lower case; empty ones count as missing.
    package func render(_ values: [String: String]) -> String {
        var context: [String: String] = [:]
        for (index, name) in names.enumerated() {
            if let value = values[name], !value.isEmpty { context["a\(index)"] = value }
        }
        return template.render(context)
    }
}

/// Writes a template in mustache's words, with names that its grammar cannot mistake.
private struct TagReader {
    let markup: CopyTemplate.Markup
    var mustache: String
    var names: [String] = []
    var bareNames: Set<String> = []
    private var tags = 0
    private var open: [String] = []

    init(markup: CopyTemplate.Markup) {
        self.markup = markup
        mustache = markup == .html ? "{{% CONTENT_TYPE:HTML}}" : "{{% CONTENT_TYPE:TEXT}}"
    }

    mutating func read(_ text: String) throws(CopyTemplate.Fault) {
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            mustache += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
                throw CopyTemplate.Fault(description: "a tag is not closed: {{\(rest[start.upperBound...].prefix(40))")
            }
            try tag(rest[start.upperBound..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        mustache += rest
        if let name = open.last { throw CopyTemplate.Fault(description: "{{#\(name)}} is not closed: write {{/\(name)}}") }
    }

    private mutating func tag(_ text: Substring) throws(CopyTemplate.Fault) {
        tags += 1
        guard tags <= CopyTemplate.tagsMax else {
            throw CopyTemplate.Fault(description: "there are more than \(CopyTemplate.tagsMax) tags")
        }
        let text = text.trimmed
        guard let first = text.first else { throw CopyTemplate.Fault(description: "a tag is empty: {{}}") }
        switch first {
        case "!": return
        case "#", "^":
            let name = try named(text.dropFirst())
            open.append(name)
            mustache += "{{\(first)\(place(name))}}"
        case "/":
            let name = try named(text.dropFirst())
            guard open.popLast() == name else { throw CopyTemplate.Fault(description: "{{/\(name)}} closes what is not open there") }
            mustache += "{{/\(place(name))}}"
        case "{", "&", ">", "<", "$", "=", "%":
            throw CopyTemplate.Fault(description: "{{\(text)}}: only {{name}}, {{name|else}}, {{#name}}, {{^name}} and {{/name}} are known")
        default: try variable(text)
        }
    }

    private mutating func variable(_ text: Substring) throws(CopyTemplate.Fault) {
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try named(parts[0])
        let place = place(name)
        guard parts.count == 2 else {
            if !open.contains(name) { bareNames.insert(name) }
            mustache += "{{\(place)}}"
            return
        }
        mustache += "{{#\(place)}}{{\(place)}}{{/\(place)}}{{^\(place)}}\(parts[1]){{/\(place)}}"
    }

    private func named(_ text: Substring) throws(CopyTemplate.Fault) -> String {
        let name = text.trimmed.lowercased()
        guard !name.isEmpty, name.utf8.count <= 100, !name.contains(where: \.isNewline) else {
            throw CopyTemplate.Fault(description: "a tag has no name that reads: {{\(text.prefix(40))}}")
        }
        return name
    }

    private mutating func place(_ name: String) -> String {
        if let known = names.firstIndex(of: name) { return "a\(known)" }
        names.append(name)
        return "a\(names.count - 1)"
    }
}

extension Substring {
    var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
