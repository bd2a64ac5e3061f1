import Crypto
import CryptoExtras
import Foundation
import MailModel
import OwnThreads
import SwiftASN1
import Testing
import X509

@testable import PosternRuntime

/// Calls of providers: only true ones are taken, and what they say is read.
@Suite(.ownThreads) struct FeedbackCallTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func verifies(_ call: FeedbackCall, _ keys: FeedbackCall.Keys, at time: Timestamp? = nil) -> Bool {
        (try? call.verify(keys, at: time ?? now)) != nil
    }

    @Test func `SendGrid signs timestamp and body`() throws {
        let key = P256.Signing.PrivateKey()
        let body = Array(
            """
            [{"event":"bounce","email":"dead@example.net","reason":"550 5.1.1 User unknown","status":"5.1.1","type":"bounce","smtp-id":"<a@b.c>"},
            {"event":"spamreport","email":"angry@example.net"},{"event":"open","email":"x@example.net"}]
            """.utf8)
        let stamp = "\(now.seconds)"
        let signature = try key.signature(for: Data(stamp.utf8) + body).derRepresentation.base64EncodedString()
        var call = FeedbackCall(
            provider: .sendgrid,
            fields: ["x-twilio-email-event-webhook-timestamp": stamp, "x-twilio-email-event-webhook-signature": signature], body: body)
        let keys = FeedbackCall.Keys(sendgrid: key.publicKey.derRepresentation.base64EncodedString())
        #expect(verifies(call, keys))
        #expect(!verifies(call, keys, at: now + .seconds(90_000)) && !verifies(call, FeedbackCall.Keys()))
        let reports = try #require(call.reports(at: now))
        #expect(reports.map(\.bounceClass) == [.addressDead, .complaint] && reports[0].isHard && reports[0].messageID == "a@b.c")
        call.body[5] ^= 1
        #expect(!verifies(call, keys))
    }

    @Test func `Mailgun signs timestamp and token`() throws {
        func call(_ code: String, event: String = #""event":"failed","severity":"permanent""#) -> FeedbackCall {
            let body = """
                {"signature":{"timestamp":"\(now.seconds)","token":"t1","signature":"\(code)"},
                "event-data":{\(event),"id":"e1","recipient":"dead@example.net","delivery-status":{"code":550,"message":"5.1.1 No such user"}}}
                """
            return FeedbackCall(provider: .mailgun, fields: [:], body: Array(body.utf8))
        }
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(now.seconds)t1".utf8), using: SymmetricKey(data: Data("k".utf8)))
        let good = call(Array(code).hexadecimal)
        #expect(verifies(good, FeedbackCall.Keys(mailgun: "k")) && !verifies(good, FeedbackCall.Keys(mailgun: "other")))
        #expect(!verifies(call(String(repeating: "0", count: 64)), FeedbackCall.Keys(mailgun: "k")))
        #expect(good.reports(at: now)?.map(\.isHard) == [true])
        let delayed = call("", event: #""event":"failed","severity":"temporary""#)
        #expect(delayed.reports(at: now)?.map(\.isHard) == [false])
        // However often the same event is called.
        #expect(good.identity(good.body) == call("other").identity([]))
    }

    @Test func `Postmark shows its login`() {
        let body = Array(
            #"{"RecordType":"Bounce","Type":"HardBounce","Email":"dead@example.net","Details":"smtp;550 5.1.1 The email account does not exist"}"#
                .utf8)
        func call(_ login: String) -> FeedbackCall {
            FeedbackCall(
                provider: .postmark, fields: ["authorization": "Basic \(Data(login.utf8).base64EncodedString())"], body: body)
        }
        let keys = FeedbackCall.Keys(postmark: "name:secret")
        #expect(verifies(call("name:secret"), keys) && !verifies(call("name:wrong"), keys) && !verifies(call(":"), FeedbackCall.Keys()))
        #expect(call("").reports(at: now)?.map(\.isHard) == [true])
    }

    private func message(certificate url: String, signature: String = "") -> SNSMessage? {
        let text = """
            {"Type":"Notification","MessageId":"m1","TopicArn":"arn:t","Message":"{}","Timestamp":"2027-01-15T08:00:00.000Z",
            "SignatureVersion":"2","Signature":"\(signature)","SigningCertURL":"\(url)"}
            """
        return SNSMessage(json: Array(text.utf8))
    }

    @Test(arguments: [
        "http://sns.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com.example.com/a.pem",
        "https://example.com/sns.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com@example.com/a.pem",
        "https://s3.amazonaws.com/bucket/a.pem", "https://sns.eu-west-1.amazonaws.com:8443/a.pem", "https://127.0.0.1/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt", "https://bucket.sns.amazonaws.com/a.pem",
    ])
    func `the certificate of SNS comes from SNS alone`(_ url: String) throws {
        #expect(try #require(message(certificate: url)).certificateTarget == nil)
    }

    @Test func `SNS signs its messages with the key of a certificate`() throws {
        let url = "https://sns.eu-west-1.amazonaws.com/a.pem"
        #expect(try #require(message(certificate: url)).certificateTarget != nil)
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let name = try DistinguishedName { CommonName("sns.amazonaws.com") }
        let date = Date(timeIntervalSince1970: Double(now.seconds))
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: date - 1000, notValidAfter: date + 1000,
            issuer: name, subject: name, signatureAlgorithm: .sha256WithRSAEncryption, extensions: .init(), issuerPrivateKey: .init(key))
        let pem = try certificate.serializeAsPEM().pemString
        let unsigned = try #require(message(certificate: url))
        let digest = SHA256.hash(data: Data(unsigned.signedText.utf8))
        let signature = try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation.base64EncodedString()
        let signed = try #require(message(certificate: url, signature: signature))
        #expect(signed.isSigned(with: pem, at: now) && !unsigned.isSigned(with: pem, at: now))
        #expect(!signed.isSigned(with: pem, at: now + .seconds(2000)) && !signed.isSigned(with: "", at: now))
        #expect(signed.isRecent(at: now) && !signed.isRecent(at: now + .seconds(90_000)))
    }
}
