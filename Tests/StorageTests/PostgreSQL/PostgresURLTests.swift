import OwnThreads
import Storage
import Testing

@testable import struct Storage.PostgresURL

@Suite(.ownThreads) struct PostgresURLTests {
    @Test func aWholeURLIsRead() throws {
        let url = try PostgresURL(
            "postgresql://us%40er:p%3Ass%2F%25@db1.example.org:5433,[2001:db8::1],db3/mail?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem")
        #expect(
            url.parameters == [
                "user": "us@er", "password": "p:ss/%", "host": "db1.example.org,2001:db8::1,db3", "port": "5433,5432,5432",
                "dbname": "mail", "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem",
            ])
        #expect(
            url.description
                == "postgresql://us%40er@db1.example.org:5433,[2001:db8::1],db3/mail?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem")
        #expect(PostgresURL.isMeant(by: "Postgres://x/y") && !PostgresURL.isMeant(by: "sqlite:postgresql://"))
    }

    @Test func aSocketAndOptionsForTheRestAreEnough() throws {
        let url = try PostgresURL("postgres:///mail?host=/run/postgresql&user=postern&password=geheim")
        #expect(url.parameters == ["dbname": "mail", "host": "/run/postgresql", "user": "postern", "password": "geheim"])
        #expect(url.description == "postgres:///mail?host=/run/postgresql&user=postern")
    }

    @Test(arguments: [
        ("mysql://h/d", "postgresql://"), ("postgresql://h", "database"), ("postgresql://h/", "database"),
        ("postgresql://h/a/b", "database"),
        ("postgresql://u:geheim@h:0/d", "port"), ("postgresql://u:geheim@h:65536/d", "port"), ("postgresql://u:geh/eim@h/d", "port"),
        ("postgresql://u:geheim@2001:db8::1/d", "IPv6"), ("postgresql://u:geheim%4@h/d", "%"), ("postgresql://u:geheim%zz@h/d", "%"),
        ("postgresql://u:geheim%00@h/d", "%"), ("postgresql://u:geheim%ff@h/d", "%"),
        ("postgresql://u:geheim@h/d?sslmod=require", "sslmod"),
        ("postgresql://u:geheim@h/d?sslmode=on", "sslmode"), ("postgresql://u:geheim@h/d?sslmode", "sslmode"),
        ("postgresql://u:geheim@[::1]x/d", "brackets"),
    ])
    func whatIsWrongIsSaidWithoutThePassword(_ text: String, _ word: String) throws {
        let mistake = #expect(throws: PostgresURL.Mistake.self) { try PostgresURL(text) }
        let told = String(describing: mistake)
        #expect(told.contains(word), "\(told)")
        #expect(!told.contains("geh"), "\(told)")
        #expect(mistake?.remedy.isEmpty == false)
    }
}
