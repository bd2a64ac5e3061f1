/// The targets of `Package.swift` and their arrows, read from its text.
struct Manifest {
    /// By name; dependencies on other packages are left out.
    var targets: [String: [String]] = [:]
    /// Modules of C: libraries of the system, and what is ours.
    var cLibraries: Set<String> = []

    init(_ text: String) {
        for call in Manifest.calls(of: "source(", in: text) {
            let names = Manifest.strings(in: Manifest.withoutProducts(call))
            if let name = names.first { targets[name] = Array(names.dropFirst()) }
        }
        for call in Manifest.calls(of: ".executableTarget(", in: text) {
            let names = Manifest.strings(in: Manifest.withoutProducts(call))
            if let name = names.first { targets[name] = Array(names.dropFirst()) }
        }
        let ofC =
            Manifest.calls(of: ".systemLibrary(", in: text)
            + Manifest.calls(of: ".target(", in: text).filter { call in
                call.hasPrefix("name: \"C") && !call.contains("path:")
            }
        for call in ofC {
            if let name = Manifest.strings(in: call).first { cLibraries.insert(name) }
        }
    }

    /// What stands between the parentheses of each call.
    private static func calls(of name: String, in text: String) -> [Substring] {
        var found: [Substring] = []
        var rest = text[...]
        while let range = rest.firstRange(of: name) {
            let isDefinition = rest[..<range.lowerBound].hasSuffix("func ")
            let inside = contents(rest[range.upperBound...])
            if !isDefinition { found.append(inside) }
            rest = rest[range.upperBound...]
        }
        return found
    }

    private static func contents(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return text[..<index] }
            }
        }
        return text
    }

    private static func withoutProducts(_ text: Substring) -> Substring {
        var kept = text
        while let range = kept.firstRange(of: ".product(") {
            let inside = contents(kept[range.upperBound...])
            kept = kept[..<range.lowerBound] + kept[inside.endIndex...].dropFirst()
        }
        return kept
    }

    private static func strings(in text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
