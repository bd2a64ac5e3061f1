package import MailModel

/// Makes a header name exactly the recipients that a message goes to, for next hosts that read recipients from it and know no envelope.
///
/// Who is in To or Cc and not among them is taken out of there; who is among them and in neither is put into Bcc. Fields that name nobody
/// else stay octet by octet.
package enum RecipientFields {
    /// `header`: of this content. `recipients`: at least one.
    package static func settle(_ content: [UInt8], header: HeaderSection, recipients: [EmailAddress]) -> [UInt8] {
        var unnamed = recipients
        let wanted = Set(recipients)
        var edits: [(place: Range<Int>, text: [UInt8])] = []
        for field in header.fields {
            if ["bcc", "resent-to", "resent-cc", "resent-bcc"].contains(where: { field.isNamed($0, in: content) }) {
                edits.append((field.whole, []))
                continue
            }
            guard field.isNamed("to", in: content) || field.isNamed("cc", in: content) else { continue }
            guard case .success(let elements) = AddressList.elements(content, in: field.value) else {
                // What cannot be read here is read by somebody else somehow.
                edits.append((field.whole, []))
                continue
            }
            let kept = elements.filter { $0.addresses.allSatisfy(wanted.contains) }
            let named = Set(kept.flatMap(\.addresses))
            unnamed.removeAll(where: named.contains)
            guard kept.count < elements.count else { continue }
            edits.append((field.whole, kept.isEmpty ? [] : list(content[field.name], kept.map { content[$0.place] })))
        }
        if !unnamed.isEmpty {
            let end = header.fields.last?.end ?? 0
            edits.append((end..<end, list("Bcc".utf8[...], unnamed.map { Array($0.description.utf8)[...] })))
        }
        var edited: [UInt8] = []
        edited.reserveCapacity(content.count + 64 * unnamed.count)
        var copied = 0
        for edit in edits {
            edited += content[copied..<edit.place.lowerBound]
            if !edited.isEmpty, edited.last != 0x0A, !edit.text.isEmpty { edited += "\r\n".utf8 }
            edited += edit.text
            copied = edit.place.upperBound
        }
        return edited + content[copied...]
    }

    /// One element on a line.
    private static func list(_ name: some Sequence<UInt8>, _ elements: [ArraySlice<UInt8>]) -> [UInt8] {
        var text = Array(name)
        text += ": ".utf8
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ",\r\n ".utf8 }
            text += element
        }
        text += "\r\n".utf8
        return text
    }
}
