import DeliveryPlanning
import MailModel
import Testing

@Suite("MTA-STS")
struct MTASTSTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private func read(_ text: String) -> Result<MTASTSPolicy, MTASTSFault> { MTASTSPolicy.read(Array(text.utf8)) }

    @Test func `a policy is read with either line end and fields that nobody knows`() throws {
        let text =
            "version: STSv1\r\nmode: enforce\nmx: Mail.Example.com\r\nmx:*.example.net \nmax_age:604800\r\nnew: thing\r\nmode: none\r\n"
        let policy = try read(text).get()
        #expect(policy == MTASTSPolicy(mode: .enforce, patterns: ["mail.example.com", "*.example.net"], maxAgeSeconds: 604_800))
        #expect(policy.lines == ["version: STSv1", "mode: enforce", "mx: mail.example.com", "mx: *.example.net", "max_age: 604800"])
        #expect(try read("version: STSv1\nmode: none\nmax_age: 9999999999\n").get().maxAgeSeconds == 31_557_600)
    }

    @Test(arguments: [
        "", "version: STSv2\nmode: none\nmax_age: 1\n", "version: STSv1\nmode: strict\nmx: a.b\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmax_age: 1\n", "version: STSv1\nmode: enforce\nmx: a.b\n",
        "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: -1\n", "version: STSv1\nmode: enforce\nmx: a b\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: *.*.b\nmax_age: 1\n", "<html>\n",
    ]) func `what is no policy is refused`(text: String) {
        #expect(throws: MTASTSFault.self) { try read(text).get() }
    }

    @Test func `more than 64 KB, and other than UTF-8, is refused`() {
        let long = Array("version: STSv1\nmode: none\nmax_age: 1\n".utf8) + [UInt8](repeating: 0x0A, count: MTASTSPolicy.bytesMax)
        #expect(throws: MTASTSFault.self) { try MTASTSPolicy.read(long).get() }
        #expect(throws: MTASTSFault.self) { try MTASTSPolicy.read([0xFF, 0x3A]).get() }
    }

    @Test func `an asterisk stands for one whole label at the left`() {
        let policy = MTASTSPolicy(mode: .enforce, patterns: ["mail.example.com", "*.example.net"], maxAgeSeconds: 1)
        for host in ["mail.example.com", "MAIL.example.com", "a.example.net"] { #expect(policy.names(host)) }
        for host in ["example.com", "a.mail.example.com", "example.net", "a.b.example.net", "aexample.net", ".example.net"] {
            #expect(!policy.names(host), "\(host)")
        }
    }

    private func record(_ texts: String...) -> MTASTSRecord {
        MTASTSRecord(.records(texts, isSecure: false, ttlSeconds: 60))
    }

    @Test func `the record is one, and has an id`() {
        #expect(record("v=STSv1; id=20260101T000000;") == .announced(id: "20260101T000000"))
        #expect(record("v=STSv1;id=1", "something else") == .announced(id: "1"))
        #expect(record("v=STSv1; id=1;", "v=STSv1; id=2;") == .missing)
        #expect(record("v=STSv1;") == .missing)
        #expect(record("v=STSv1; id=a-b;") == .missing)
        #expect(record("v=STSv12; id=1;") == .missing)
        #expect(MTASTSRecord(.failure(reason: "", isBogus: false)) == .unknown)
    }

    private func memory(_ mode: MTASTSPolicy.Mode = .enforce, id: String = "1", maxAge: Int = 7 * 86_400) -> MTASTSMemory {
        MTASTSMemory.fetched(
            nil, id: id, .success(MTASTSPolicy(mode: mode, patterns: ["a.b"], maxAgeSeconds: maxAge)), at: MTASTSTests.start)
    }

    private func step(_ memory: MTASTSMemory?, _ record: MTASTSRecord, after seconds: Int64) -> MTASTSMemory.Step {
        MTASTSMemory.step(memory, record, at: MTASTSTests.start + .seconds(seconds))
    }

    @Test func `a policy that is kept holds until its end, whatever DNS says`() {
        let known = memory()
        for record in [MTASTSRecord.missing, .unknown, .announced(id: "1")] {
            #expect(step(known, record, after: 60) == .use(known.policy))
        }
        #expect(step(known, .missing, after: 6 * 86_400) == .use(known.policy))
        #expect(step(known, .missing, after: 7 * 86_400) == .use(nil))
        #expect(step(nil, .missing, after: 0) == .use(nil))
        #expect(step(nil, .unknown, after: 0) == .use(nil))
    }

    @Test func `it is fetched when it is new, when its id changes, and in time before its end`() {
        #expect(step(nil, .announced(id: "1"), after: 0) == .fetch(id: "1"))
        #expect(step(memory(), .announced(id: "2"), after: 60) == .fetch(id: "2"))
        #expect(step(memory(), .announced(id: "1"), after: 86_399) == .use(memory().policy))
        #expect(step(memory(), .announced(id: "1"), after: 86_400) == .fetch(id: "1"))
        #expect(step(memory(maxAge: 600), .announced(id: "1"), after: 299) == .use(memory(maxAge: 600).policy))
        #expect(step(memory(maxAge: 600), .announced(id: "1"), after: 300) == .fetch(id: "1"))
    }

    @Test func `a fetch that fails keeps the policy, and is not repeated at once`() {
        let failedAt = MTASTSTests.start + .seconds(86_400)
        let failed = MTASTSMemory.fetched(memory(), id: "2", .failure(MTASTSFault("no answer", .stsPolicyFetchError)), at: failedAt)
        #expect(failed.policy == memory().policy && failed.id == "1" && failed.fault?.fault == .stsPolicyFetchError)
        #expect(step(failed, .announced(id: "2"), after: 86_400 + 299) == .use(failed.policy))
        #expect(step(failed, .announced(id: "2"), after: 86_400 + 300) == .fetch(id: "2"))
        let never = MTASTSMemory.fetched(nil, id: "1", .failure(MTASTSFault("no answer")), at: MTASTSTests.start)
        #expect(step(never, .announced(id: "1"), after: 10) == .use(nil))
        #expect(step(never, .announced(id: "1"), after: 300) == .fetch(id: "1"))
    }
}
