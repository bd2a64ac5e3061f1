import Console

/// A page of a list in order of its keys, with a box to look for something in it.
struct ListPage<Row> {
    let rows: [Row]
    let more: Link?

    static var size: Int { 100 }

    /// `rows` in order of `key`. Those whose key holds what the query's `q` says, from the one after `after` on.
    init(_ all: [Row], _ request: PageRequest, key: (Row) -> String) {
        let wanted = request.query["q"].lowercased()
        let after = request.query["after"]
        let found = all.filter { row in
            let key = key(row)
            return (wanted.isEmpty || key.lowercased().contains(wanted)) && (after.isEmpty || key > after)
        }
        rows = Array(found.prefix(ListPage.size))
        if found.count > rows.count, let last = rows.last {
            more = Link("Next page", "\(request.path)?q=\(PercentText.encode(wanted))&after=\(PercentText.encode(key(last)))")
        } else {
            more = nil
        }
    }

    /// The box; only worth its place where there is something to look through.
    static func search(_ request: PageRequest, _ what: String, total: Int) -> [Block] {
        guard total > 10 || !request.query["q"].isEmpty else { return [] }
        return [
            .form(
                Form(
                    act: nil, "Filter", look: .row,
                    fields: [Field("q", "\(what) that holds", .input("search"), value: request.query["q"])]))
        ]
    }
}
