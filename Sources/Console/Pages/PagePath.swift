/// Makes addresses of pages.
package enum PagePath {
    /// `/restricted/sender%3Aa%40example.org?all=yes`: pieces of the path encoded, what is empty in the query left out.
    package static func make(_ pieces: String..., query: KeyValuePairs<String, String> = [:]) -> String {
        let path = pieces.map { "/\(PercentText.encode($0))" }.joined()
        let fields = query.filter { !$0.value.isEmpty }.map { "\(PercentText.encode($0.key))=\(PercentText.encode($0.value))" }
        return (path.isEmpty ? "/" : path) + (fields.isEmpty ? "" : "?\(fields.joined(separator: "&"))")
    }
}
