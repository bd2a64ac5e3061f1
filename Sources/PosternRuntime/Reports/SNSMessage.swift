import Crypto
import CryptoExtras
import Foundation
import MailModel
import SwiftASN1
import X509

/// A message of Amazon SNS, which carries what SES says, or asks whether a subscription is meant.
/// Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages".
struct SNSMessage: Decodable, Sendable {
    var type: String
    var messageID: String
    var topic: String
    var message: String
    var timestamp: String
    var signatureVersion: String
    var signature: String
    var certificateURL: String
    var subject: String?
    var subscribeURL: String?
    var token: String?

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case messageID = "MessageId"
        case topic = "TopicArn"
        case message = "Message"
        case timestamp = "Timestamp"
        case signatureVersion = "SignatureVersion"
        case signature = "Signature"
        case certificateURL = "SigningCertURL"
        case subject = "Subject"
        case subscribeURL = "SubscribeURL"
        case token = "Token"
    }

    /// Nil for what is no such message.
    init?(json: [UInt8]) {
        guard let read = try? JSONDecoder().decode(SNSMessage.self, from: Data(json)) else { return nil }
        self = read
    }

    func isRecent(at now: Timestamp) -> Bool {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = try? format.parse(timestamp) else { return false }
        return abs(date.timeIntervalSince1970 - Double(now.seconds)) <= Double(FeedbackCall.ageMax.components.seconds)
    }

    /// What the signature is over: names and values of some fields, each on a line of its own.
    var signedText: String {
        var pairs = [("Message", message), ("MessageId", messageID)]
        if type == "Notification" {
            if let subject { pairs.append(("Subject", subject)) }
        } else {
            pairs += [("SubscribeURL", subscribeURL ?? "")]
        }
        pairs.append(("Timestamp", timestamp))
        if type != "Notification" { pairs.append(("Token", token ?? "")) }
        pairs += [("TopicArn", topic), ("Type", type)]
        return pairs.map { "\($0)\n\($1)\n" }.joined()
    }

    /// Where the certificate is fetched from: SNS of some region, over TLS, and nowhere else, whoever sent the message.
    var certificateTarget: HTTPTarget? { SNSMessage.target(certificateURL, suffix: ".pem") }

    /// Where a subscription is confirmed.
    var subscriptionTarget: HTTPTarget? { subscribeURL.flatMap { SNSMessage.target($0, suffix: nil) } }

    private static func target(_ url: String, suffix: String?) -> HTTPTarget? {
        guard case .success(let target) = HTTPTarget.read(url, allowsPrivateAddresses: false), target.isEncrypted, target.port == 443,
            case .name(let host) = target.host, isSNS(host), suffix.map({ target.path.hasSuffix($0) }) ?? true
        else { return nil }
        return target
    }

    /// `sns.eu-west-1.amazonaws.com`, and the same in China.
    private static func isSNS(_ host: DomainName) -> Bool {
        let labels = host.text.lowercased().split(separator: ".").map(String.init)
        guard labels.first == "sns", labels.count >= 4, labels[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else {
            return false
        }
        return Array(labels[2...]) == ["amazonaws", "com"] || Array(labels[2...]) == ["amazonaws", "com", "cn"]
    }

    /// True where the certificate's key has signed it. `certificate`: PEM, from `certificateTarget` over a checked TLS connection.
    func isSigned(with certificate: String, at now: Timestamp) -> Bool {
        guard signatureVersion == "1" || signatureVersion == "2", let octets = Data(base64Encoded: signature),
            let read = try? Certificate(pemEncoded: certificate),
            let key = try? _RSA.Signing.PublicKey(derRepresentation: Data(read.publicKey.subjectPublicKeyInfoBytes))
        else { return false }
        let date = Date(timeIntervalSince1970: Double(now.seconds))
        guard read.notValidBefore <= date, date <= read.notValidAfter else { return false }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: octets)
        let text = Data(signedText.utf8)
        return signatureVersion == "1"
            ? key.isValidSignature(signature, for: Insecure.SHA1.hash(data: text), padding: .insecurePKCS1v1_5)
            : key.isValidSignature(signature, for: SHA256.hash(data: text), padding: .insecurePKCS1v1_5)
    }
}
