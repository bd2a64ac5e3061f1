import Foundation
import InternetMessage
import MailCorpus
import MailModel
import Testing

@testable import MailAuthentication

/// Other people's verifiers, on mail of our own and, where it is there, on real mail.
@Suite struct DKIMInteroperationTests {
    private static let samples = [
        "From: a@example.org\n\n", "From: a@example.org\n\nbody\n\n\n",
        "From: a@example.org\nFrom: b@example.org\nSubject:\n\n \t\n x  y \t\nz\n",
        "From: =?utf-8?q?=C3=A4?= <a@example.org>\nTo: x@y,\n\tz@w\nContent-Type: text/plain;\n  charset=\"utf-8\"\n"
            + "List-Id:  <l.example.org> \n\ncaf\u{E9}\n",
        "From: a@example.org\nSubject: empty body follows\n",
    ]

    /// Signed messages as files, one of them changed after that (`changed.bad`), and the key records as `name value` lines.
    private func write(to directory: URL) throws -> Int {
        var contents = DKIMInteroperationTests.samples.map { wire($0) }
        if Corpus.isThere {
            contents += try Corpus.messages(in: "messages").enumerated().filter { $0.offset % 20 == 0 }.map(\.element.content)
        }
        var count = 0
        for content in contents {
            guard case .success(let header) = HeaderSection.scan(content), header.first("from", in: content) != nil else { continue }
            try Data(sign(content)).write(to: directory.appendingPathComponent("\(count).eml"))
            count += 1
        }
        let changed = try sign(wire(DKIMInteroperationTests.samples[1])) + Array("more\r\n".utf8)
        try Data(changed).write(to: directory.appendingPathComponent("changed.bad"))
        let records = try TestKeys.records().map { "\($0.key) \($0.value)\n" }.joined()
        try Data(records.utf8).write(to: directory.appendingPathComponent("records"))
        return count
    }

    @Test(.enabled(if: Python.hasDkimpy, "needs dkimpy and PyNaCl (apt: python3-dkim python3-nacl)"))
    func dkimpyVerifiesBothSignatures() throws {
        try withTemporaryDirectory { directory in
            let count = try write(to: directory)
            let (output, isSuccess) = try Python.run(verifyWithDkimpy, [directory.path])
            #expect(isSuccess && output == "passed \(2 * count)\n", "\(output)")
        }
    }

    @Test(.enabled(if: Python.hasOpenDKIM, "needs OpenDKIM's library (apt: libopendkim11)"))
    func openDKIMVerifiesTheRSASignature() throws {
        try withTemporaryDirectory { directory in
            let count = try write(to: directory)
            let (output, isSuccess) = try Python.run(verifyWithOpenDKIM, [directory.path])
            #expect(isSuccess && output == "passed \(count)\n", "\(output)")
        }
    }

    @Test(
        .enabled(if: Python.hasDkimpy, "needs dkimpy and PyNaCl (apt: python3-dkim python3-nacl)"), arguments: ["simple", "relaxed"],
        ["simple", "relaxed"])
    func whatDkimpySignsVerifiesHere(_ headerForm: String, _ bodyForm: String) throws {
        try withTemporaryDirectory { directory in
            try Data(TestKeys.rsa.pem().utf8).write(to: directory.appendingPathComponent("key"))
            for (index, text) in DKIMInteroperationTests.samples.enumerated() {
                try Data(wire(text)).write(to: directory.appendingPathComponent("\(index).eml"))
            }
            let (output, isSuccess) = try Python.run(signWithDkimpy, [directory.path, headerForm, bodyForm])
            #expect(isSuccess, "\(output)")
            for index in DKIMInteroperationTests.samples.indices {
                let signed = [UInt8](try Data(contentsOf: directory.appendingPathComponent("\(index).eml.signed")))
                #expect(try verify(signed, at: Timestamp(seconds: 4_000_000_000)) == [.pass], "\(index)")
            }
            // Of the samples whose body is not empty: text after a body that `l=` ends leaves it signed, and is told.
            for index in 1...3 {
                let longer = [UInt8](try Data(contentsOf: directory.appendingPathComponent("\(index).eml.length"))) + Array("more\r\n".utf8)
                let keys = try TestKeys.records().mapValues { DNSAnswer.records([$0], isSecure: false, ttlSeconds: 60) }
                let results = try DKIM.verify(content: longer, header: try HeaderSection.scan(longer).get(), keys: keys, at: signedAt)
                #expect(results.map(\.outcome) == [.pass] && results.allSatisfy(\.isBodyPartial), "\(index)")
            }
        }
    }
}

private let verifyWithDkimpy = """
    import dkim, glob, sys
    records = dict(line.strip().split(' ', 1) for line in open(sys.argv[1] + '/records'))
    passed = 0
    def verify(path, index):
        lookup = lambda name, timeout=5: records[name.decode().rstrip('.')].encode()
        try:
            return dkim.DKIM(open(path, 'rb').read()).verify(idx=index, dnsfunc=lookup)
        except dkim.ValidationError:
            return False
    for path in glob.glob(sys.argv[1] + '/*.eml'):
        for index in (0, 1):
            assert verify(path, index), (path, index)
            passed += 1
    assert not verify(sys.argv[1] + '/changed.bad', 0) and not verify(sys.argv[1] + '/changed.bad', 1)
    print('passed', passed)
    """

private let signWithDkimpy = """
    import dkim, glob, sys
    key = open(sys.argv[1] + '/key', 'rb').read()
    forms = (sys.argv[2].encode(), sys.argv[3].encode())
    for path in glob.glob(sys.argv[1] + '/*.eml'):
        raw = open(path, 'rb').read()
        for name, length in (('signed', False), ('length', True)):
            field = dkim.sign(raw, b'r1', b'example.org', key, canonicalize=forms, length=length,
                include_headers=[b'from', b'to', b'subject'])
            open(path + '.' + name, 'wb').write(field + raw)
    """

/// libopendkim with its look-up replaced. `dkim_eom` is 0 where a signature passed.
private let verifyWithOpenDKIM = """
    import glob, sys
    from ctypes import *
    records = dict(line.strip().split(' ', 1) for line in open(sys.argv[1] + '/records'))
    lib = CDLL('libopendkim.so.11')
    for name in ('dkim_init', 'dkim_verify', 'dkim_sig_getdomain', 'dkim_sig_getselector'):
        getattr(lib, name).restype = c_void_p
    @CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_size_t)
    def lookup(handle, signature, buffer, size):
        domain = string_at(lib.dkim_sig_getdomain(c_void_p(signature))).decode()
        selector = string_at(lib.dkim_sig_getselector(c_void_p(signature))).decode()
        record = records[selector + '._domainkey.' + domain].encode() + b'\\0'
        assert len(record) <= size
        memmove(buffer, record, len(record))
        return 0
    handle = c_void_p(lib.dkim_init(None, None))
    lib.dkim_set_key_lookup(handle, lookup)
    passed = 0
    def verify(path):
        raw = open(path, 'rb').read()
        if b'\\r\\n\\r\\n' not in raw:
            raw += b'\\r\\n'
        status = c_int()
        message = c_void_p(lib.dkim_verify(handle, b'id', None, byref(status)))
        assert message.value and status.value == 0, (path, status.value)
        for chunk in (raw, None):
            status = lib.dkim_chunk(message, chunk, c_size_t(len(chunk) if chunk else 0))
            assert status == 0, (path, 'chunk', status)
        result = lib.dkim_eom(message, None)
        lib.dkim_free(message)
        return result == 0
    for path in glob.glob(sys.argv[1] + '/*.eml'):
        assert verify(path), path
        passed += 1
    assert not verify(sys.argv[1] + '/changed.bad')
    print('passed', passed)
    """
