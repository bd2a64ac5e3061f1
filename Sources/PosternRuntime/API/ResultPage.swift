import Console

/// One page of a list. `next` goes into `cursor` for the page after it; nil on the last.
struct ResultPage<Item: Codable & Sendable>: Codable, Sendable {
    var items: [Item]
    var next: String?
}

enum PageInputs {
    static let limitMax = 1000
    static let limitStandard = 100
}

/// `limit` of a request.
struct PageSize: Hashable, Sendable, Codable, SchemaDescribed {
    var count: Int

    static let schema = JSONSchema.integer(1...Int64(PageInputs.limitMax), "Items at most; 100 unless said otherwise")
    static let schemaSample = PageSize(count: PageInputs.limitStandard)

    init(count: Int) { self.count = count }
    init(from decoder: any Decoder) throws { count = try decoder.singleValueContainer().decode(Int.self) }
    func encode(to encoder: any Encoder) throws { try count.encode(to: encoder) }
}

/// `cursor` of a request.
struct CursorText: Hashable, Sendable, Codable, SchemaDescribed {
    var text: String

    static let schema: JSONSchema = {
        var schema = JSONSchema(.string)
        schema.description = "`next` of the page before"
        schema.lengthMax = 1000
        return schema
    }()
    static let schemaSample = CursorText(text: "")

    init(text: String) { self.text = text }
    init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}

/// Fields of a list that is short enough to be read whole.
struct PageInput: Decodable, Sendable {
    var cursor: CursorText?
    var limit: PageSize?

    /// The items after the cursor's. `key` rises along the list.
    func page<Item: Codable & Sendable>(_ items: [Item], key: (Item) -> String) throws -> ResultPage<Item> {
        let after = try cursor.map { try Cursor.read($0.text, count: 1)[0] }
        let start = after.map { after in items.firstIndex { key($0) == after }.map { $0 + 1 } ?? items.endIndex } ?? items.startIndex
        let count = limit?.count ?? PageInputs.limitStandard
        let page = Array(items[start...].prefix(count))
        let isLast = start + page.count >= items.count
        return ResultPage(items: page, next: isLast ? nil : page.last.map { Cursor.make([key($0)]) })
    }
}
