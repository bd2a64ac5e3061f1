import Foundation
import MailModel
import NIOPosix
package import OutboundPolicy

/// The twin of Exchange Online that runs with this gate, where `./run` started one.
package struct TwinView: Codable, Sendable {
    /// Of its own page; nil where none runs.
    package var page: String?
    package var state: TwinStateView?
    /// What arrived, newest first.
    package var messages: [TwinMessageView]
}

package struct ShowTwin: AdministrativeOperation {
    package static let name = "twin.show"
    package static let scope = AccessScope.statusRead

    package init() {}

    private static let messagesMax = 30

    package func perform(in administration: Administration, _ act: Act) async throws -> TwinView {
        guard let twin = try TwinLink.find(administration.dataDirectory) else { return TwinView(page: nil, state: nil, messages: []) }
        return TwinView(
            page: twin.page, state: try await twin.get("/v1/state?mailboxes=50", TwinStateView.self),
            messages: try await twin.get("/v1/messages?limit=\(ShowTwin.messagesMax)", [TwinMessageView].self))
    }
}

/// Does something to the twin.
package struct ControlTwin: AdministrativeOperation {
    package static let name = "twin.act"
    package static let scope = AccessScope.routesWrite
    package var act: TwinAct

    package init(_ act: TwinAct) { self.act = act }

    package init(from decoder: any Decoder) throws { act = try TwinAct(from: decoder) }
    package func encode(to encoder: any Encoder) throws { try act.encode(to: encoder) }

    package func perform(in administration: Administration, _ act: Act) async throws -> TwinStateView {
        guard let twin = try TwinLink.find(administration.dataDirectory) else { throw TwinLink.none }
        return try await twin.post("/v1/acts", self.act, TwinStateView.self)
    }
}

/// The HTTP side of the twin beside a gate. Its address lies in the data directory as long as it runs.
struct TwinLink: Sendable {
    static let fileName = "twin.http"
    static let none = AdministrationError(.notFound, "no twin runs with this gate", "./run starts one; docs/twin.md tells more.")

    private let target: HTTPTarget
    private let address: IPAddress
    let page: String

    /// Nil where there is none. Only loopback is taken.
    static func find(_ data: DataDirectory) throws -> TwinLink? {
        guard let bytes = FileManager.default.contents(atPath: data.path(of: fileName)), bytes.count < 200 else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        guard case .success(let target) = HTTPTarget.read("http://\(text)/", allowsPrivateAddresses: true),
            case .address(let address) = target.host, address.isLoopback
        else { throw AdministrationError(.invalid, "\(fileName) holds no address of this machine alone", "./run writes it.") }
        return TwinLink(target: target, address: address, page: "http://\(text)/")
    }

    func get<Value: Decodable>(_ path: String, _ type: Value.Type) async throws -> Value {
        try read(try await client().get(at(path), at: address), type)
    }

    func post<Value: Decodable>(_ path: String, _ body: some Encodable, _ type: Value.Type) async throws -> Value {
        let call = HTTPPost(type: "application/json", fields: [], body: Array(try JSONText.data(body)))
        return try read(try await client().post(call, to: at(path), at: address), type)
    }

    private func client() throws -> OutboundHTTP { try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton) }

    private func at(_ path: String) -> HTTPTarget {
        var target = target
        target.path = path
        return target
    }

    private func read<Value: Decodable>(_ answer: Result<HTTPAnswer, HTTPFault>, _ type: Value.Type) throws -> Value {
        switch answer {
        case .failure(let fault): throw AdministrationError(.unavailable, "the twin does not answer: \(fault.text)", "Start ./run again.")
        case .success(let answer):
            if answer.status == 200, let value = try? JSONText.decode(type, from: Data(answer.body)) { return value }
            let problem = try? JSONText.decode(TwinProblem.self, from: Data(answer.body))
            throw AdministrationError(.invalid, problem?.detail ?? "the twin answers with \(answer.status)")
        }
    }
}
