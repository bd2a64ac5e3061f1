/// The newest things in the order they came; the oldest goes for one more than `countMax`.
package struct RecentList<Element: Sendable>: Sendable {
    package let countMax: Int
    private var items: [Element] = []
    private var head = 0

    /// `countMax` is at least 1.
    package init(countMax: Int) {
        precondition(countMax >= 1)
        self.countMax = countMax
    }

    package var count: Int { items.count - head }
    /// Oldest first.
    package var all: ArraySlice<Element> { items[head...] }
    package var last: Element? { count > 0 ? items[items.count - 1] : nil }

    package mutating func append(_ item: Element) {
        items.append(item)
        if count > countMax { head += 1 }
        if head > countMax {
            items.removeFirst(head)
            head = 0
        }
    }

    /// Changes the newest one that fits; false where none does.
    package mutating func changeLast(where fits: (Element) -> Bool, change: (inout Element) -> Void) -> Bool {
        guard let index = items[head...].lastIndex(where: fits) else { return false }
        change(&items[index])
        return true
    }

    package mutating func removeAll() {
        items = []
        head = 0
    }
}
