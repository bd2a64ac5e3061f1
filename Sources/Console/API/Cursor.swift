import Foundation

/// Where a page ends, in a form that callers pass back and do not read.
package enum Cursor {
    private static let bytesMax = 1000

    /// Base 64 for URLs (RFC 4648 §5), without padding.
    package static func make(_ parts: [String]) -> String {
        let data = JSONValue.array(parts.map(JSONValue.string)).json
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The parts; throws the problem to answer with where it is no cursor of `count` parts.
    package static func read(_ text: String, count: Int) throws -> [String] {
        var plain = text.replacing("-", with: "+").replacing("_", with: "/")
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard text.utf8.count <= bytesMax, let data = Data(base64Encoded: plain), case .array(let values)? = try? JSONValue(json: data),
            values.count == count
        else { throw problem }
        return try values.map { value in
            guard let part = value.string else { throw problem }
            return part
        }
    }

    package static let problem = Problem.invalid([FieldProblem(.query, "cursor", "is not one that this path gave")])
}
