/// A selector that can be answered by an element and those around it: `table.box > tr td#first[align=left]`.
struct CSSSelector {
    private struct Compound {
        var name = ""
        var identifier = ""
        var classes: [String] = []
        /// Value nil: the attribute is there.
        var attributes: [(name: String, value: String?)] = []
        /// Whether it is the parent of what follows, rather than any element around it.
        var isParent = false

        func matches(_ element: StyledElement) -> Bool {
            (name.isEmpty || name == element.name) && (identifier.isEmpty || identifier == element.identifier)
                && classes.allSatisfy(element.classes.contains)
                && attributes.allSatisfy { name, value in element.attributes[name].map { value == nil || value == $0 } ?? false }
        }
    }

    private var compounds: [Compound] = []
    /// Specificity (CSS 2.1 §6.4.3) as one number: identifiers before classes and attributes before elements.
    private(set) var force = 0

    private static let compoundsMax = 10

    /// Nil for what cannot be inlined: states, generated content, siblings.
    init?(_ text: Substring) {
        var rest = text.trimmed
        while !rest.isEmpty {
            guard let compound = CSSSelector.compound(&rest), compounds.count < CSSSelector.compoundsMax else { return nil }
            compounds.append(compound)
            force += compound.identifier.isEmpty ? 0 : 1_000_000
            force += (compound.classes.count + compound.attributes.count) * 1000 + (compound.name.isEmpty ? 0 : 1)
            let next = rest.drop(while: \.isWhitespace)
            guard let sign = next.first else { break }
            if sign == ">" {
                compounds[compounds.count - 1].isParent = true
                rest = next.dropFirst().drop(while: \.isWhitespace)
                if rest.isEmpty { return nil }
            } else if sign == "+" || sign == "~" {
                return nil
            } else {
                rest = next
            }
        }
        guard !compounds.isEmpty else { return nil }
    }

    private static func isName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "-" || character == "_"
    }

    private static func compound(_ rest: inout Substring) -> Compound? {
        var compound = Compound()
        let before = rest.startIndex
        if rest.first == "*" {
            rest = rest.dropFirst()
        } else {
            let name = rest.prefix(while: isName)
            compound.name = name.lowercased()
            rest = rest[name.endIndex...]
        }
        while let sign = rest.first {
            if sign == "." || sign == "#" {
                let name = rest.dropFirst().prefix(while: isName)
                guard !name.isEmpty else { return nil }
                if sign == "." { compound.classes.append(String(name)) } else { compound.identifier = String(name) }
                rest = rest[name.endIndex...]
            } else if sign == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                let parts = rest[rest.index(after: rest.startIndex)..<end].split(separator: "=", maxSplits: 1)
                guard let name = parts.first?.trimmed, name.allSatisfy(isName) else { return nil }
                let value = parts.count == 2 ? String(parts[1].trimmed.filter { $0 != "\"" && $0 != "'" }) : nil
                compound.attributes.append((name.lowercased(), value))
                rest = rest[rest.index(after: end)...]
            } else if sign.isWhitespace || sign == ">" || sign == "+" || sign == "~" {
                break
            } else {
                return nil
            }
        }
        return rest.startIndex == before ? nil : compound
    }

    /// `around`: from the outermost to the parent.
    func matches(_ element: StyledElement, in around: [StyledElement]) -> Bool {
        guard compounds[compounds.count - 1].matches(element) else { return false }
        return fits(compounds.count - 2, around[...])
    }

    /// Whether the compounds up to a place are found around.
    private func fits(_ place: Int, _ around: ArraySlice<StyledElement>) -> Bool {
        guard place >= 0 else { return true }
        if compounds[place].isParent {
            guard let parent = around.last else { return false }
            return compounds[place].matches(parent) && fits(place - 1, around.dropLast())
        }
        var rest = around
        while let last = rest.popLast() {
            if compounds[place].matches(last), fits(place - 1, rest) { return true }
        }
        return false
    }
}
