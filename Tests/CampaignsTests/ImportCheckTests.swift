import Campaigns
import MailModel
import Testing

struct ImportCheckTests {
    private static func check(
        _ text: String, chosen: [String: String] = [:], rules: AddressRules = AddressRules(), leftOut: Set<DoubtfulAddress> = []
    ) throws -> (ImportCheck, [ImportRow]) {
        var check = ImportCheck(rules: rules, chosen: chosen, leftOut: leftOut)
        var reader = CSVReader()
        var rows: [ImportRow] = []
        let octets = Array(text.utf8)
        try octets.withUnsafeBytes { bytes in
            try reader.read(bytes, isLast: true) { record in if let row = try check.check(record) { rows.append(row) } }
        }
        return (check, rows)
    }

    @Test
    func `findings stand at line, column and value, with what to do`() throws {
        let (check, rows) = try ImportCheckTests.check(
            """
            Name,E-Mail,City
            Ada,ada@example.org,London
            Bob,bob.example.org,Paris
            Cy,CY@Example.org,Rome
            Cy again,cy@example.org,Rome
            Di,di@gmial.com,Oslo
            Office,info@example.org,Bonn
            Eve,eve@mail.trash.example,Bern
            Nobody,,Kyiv
            Lit,lit@[192.0.2.1],Here
            """, rules: AddressRules(disposable: [.commonDisposable, AddressList("trash.txt", ["trash.example"])]))
        #expect(
            rows.map(\.address.key) == ["ada@example.org", "cy@example.org", "di@gmial.com", "info@example.org", "eve@mail.trash.example"])
        #expect(rows[0].attributes == ["name": "Ada", "city": "London"])
        let findings = check.report.findings
        #expect(findings.map(\.rule) == [.badAddress, .duplicate, .typo, .role, .disposable, .noAddress, .literal])
        #expect(findings[0].line == 3 && findings[0].column == 2 && findings[0].title == "E-Mail" && findings[0].value == "bob.example.org")
        #expect(findings[1].problem.contains("line 4"))
        #expect(findings[2].problem.contains("gmail.com"))
        #expect(findings[3].problem.contains("Postern's own list") && findings[4].problem.contains("says trash.txt"))
        #expect(findings.allSatisfy { !$0.advice.isEmpty })
        #expect(check.report.rows == 9 && check.report.taken == 5 && check.report.errors == 3)
    }

    @Test
    func `what is doubtful is left out where that was chosen, and counted all the same`() throws {
        let text = "email\ndi@gmial.com\ninfo@example.org\neve@mailinator.com\nada@example.org\n"
        let (check, rows) = try ImportCheckTests.check(text, leftOut: [.role, .typo])
        #expect(rows.map(\.address.key) == ["eve@mailinator.com", "ada@example.org"])
        #expect(check.report.leftOut == 2 && check.report.taken == 2 && check.report.count(.role) == 1 && check.report.count(.typo) == 1)
        #expect(check.report.findings.map(\.advice.isEmpty) == [false, false, false])
        #expect(
            check.report.findings[0].advice == "Left out, as you chose." && check.report.findings[2].advice == "Expect it to bounce soon.")
        #expect(try ImportCheckTests.check(text).0.report.leftOut == nil)
    }

    @Test
    func `a list is read as people publish it, and nothing else is taken for one`() throws {
        func read(_ text: String, _ kind: AddressList.Kind = .disposable) throws -> Set<String> {
            try AddressList("l", kind, octets: Array(text.utf8)).entries
        }
        #expect(
            try read("# all of them\r\nTrash.Example\r\n*.other.example # since May\n\n@third.example\n") == [
                "trash.example", "other.example", "third.example",
            ])
        #expect(try read("info\nNo-Reply\n", .roles) == ["info", "no-reply"])
        #expect(throws: AddressList.Problem.self) { try read("<html>\n<p>Not found</p>\n</html>\n") }
        #expect(throws: AddressList.Problem.self) { try read("info@example.org\n", .roles) }
        #expect(throws: AddressList.Problem.self) { try read("# nothing yet\n") }
        // One line in ten may be something else.
        let many = (0..<20).map { "d\($0).example\n" }.joined()
        #expect(try read(many + "localhost\n").count == 20)
        #expect(throws: AddressList.Problem.self) { try read(many + "a\nb\nc\n") }
    }

    @Test
    func `columns are found by their titles, by what was said, or by an address in the first line`() throws {
        #expect(try ImportCheckTests.check("Kontakt;Name\na@example.org;A\n", chosen: ["kontakt": "address"]).1.count == 1)
        #expect(
            try ImportCheckTests.check("a@example.org,A\nb@example.org,B\n").1.map(\.attributes) == [["column 2": "A"], ["column 2": "B"]])
        #expect(try ImportCheckTests.check("email,Notes\na@example.org,secret\n", chosen: ["Notes": "-"]).1[0].attributes.isEmpty)
        #expect(throws: ColumnProblem.self) { try ImportCheckTests.check("name,city\nA,B\n") }
        #expect(throws: ColumnProblem.noSuchColumn("nowhere", ["email"])) {
            try ImportCheckTests.check("email\na@example.org\n", chosen: ["nowhere": "x"])
        }
        #expect(throws: ColumnProblem.twoColumns("name")) { try ImportCheckTests.check("email,name,Name\na@example.org,1,2\n") }
    }

    @Test
    func `addresses in other forms are read`() throws {
        let (_, rows) = try ImportCheckTests.check("email\nAda Lovelace <ada@example.org>\nmailto:bob@example.org\n")
        #expect(rows.map(\.address.key) == ["ada@example.org", "bob@example.org"])
    }

    @Test(arguments: [
        ("gmial.com", "gmail.com"), ("gmail.con", "gmail.com"), ("gamil.com", "gmail.com"), ("hotmial.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("outlok.com", "outlook.com"), ("hotmal.cm", "hotmail.com"),
    ])
    func `slips in frequent domains are seen`(_ typed: String, _ meant: String) {
        #expect(DomainTypos.suggestion(for: typed) == meant)
    }

    @Test(arguments: [
        "gmail.com", "gmx.net", "gmx.de", "mail.com", "ymail.com", "example.org", "web.de", "me.com", "postmail.com", "colostate.edu",
        "aon.at",
    ])
    func `domains that are right are left alone`(_ domain: String) {
        #expect(DomainTypos.suggestion(for: domain) == nil)
    }

    @Test
    func `distances are those of Damerau`() {
        func distance(_ one: String, _ other: String) -> Int { DomainTypos.distance(Array(one.utf8), Array(other.utf8), atMost: 3) }
        #expect(distance("", "abc") == 3)
        #expect(distance("ab", "ba") == 1)
        #expect(distance("kitten", "sitting") == 3)
        #expect(distance("abcdefgh", "xxxxxxxx") == 4)
    }

    @Test
    func `the more goes wrong, the fewer people come first`() {
        var report = ImportReport()
        report.rows = 1000
        report.taken = 1000
        let low = RiskGrade(report, source: .signUp)
        #expect(low.level == .low && low.canary(of: 10_000) == 1000 && low.canary(of: 30) == 30)
        report.count(.suppressed, 20)
        let medium = RiskGrade(report, source: .signUp)
        #expect(medium.level == .medium && medium.reasons.count == 1 && medium.canary(of: 10_000) == 500)
        #expect(RiskGrade(report, source: .unknown).level == .high)
        report.count(.badAddress, 60)
        #expect(RiskGrade(report, source: .signUp).canary(of: 10_000) == 200)
    }
}
