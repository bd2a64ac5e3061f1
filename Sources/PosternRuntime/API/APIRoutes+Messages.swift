import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var messageRoutes: [APIRoute] { [sendRoute, messageRoute, recipientRoute] }

    private var sendRoute: APIRoute {
        let submission = submission
        var route = APIRoute(
            .post, "/v1/messages", operation: "messages.send", summary: "Submit a message",
            scopes: [AccessScope.messagesSend.rawValue], input: .of(MessageInput.self, isOpen: false), status: 202,
            output: .of(AcceptedMessage.self, isOpen: true), problems: [409, 413, 422], isAct: false
        ) { try await submission.submit($0) }
        route.details = """
            As JSON fields, or as a whole message (message/rfc822) with its envelope in the query. It takes the way of a message by SMTP from \
            there on, and is on disk before the answer. With an Idempotency-Key, a repeated request within 24 hours answers what the first did.
            """
        route.rawBody = APIRoute.RawBody(contentType: "message/rfc822", query: .of(RawEnvelopeInput.self, isOpen: false))
        route.headers = [MessageSubmission.idempotencyHeader: APIRoutes.idempotencyKey]
        // Base 64 makes four octets of three, and JSON some more.
        route.bodyBytesMax = submission.messageBytesMax / 3 * 4 + (1 << 20)
        return route
    }

    private static let idempotencyKey: JSONSchema = .text(
        "The client's name for this request; the same for each repetition", pattern: "^[!-~]+$", lengths: 1...255, example: "order-4711")

    private var messageRoute: APIRoute {
        ownRoute(
            "/v1/messages/{message}", operation: ShowMessage.name, summary: "One message with all that is known of it", ShowMessage.self,
            MessageView.self
        ) { input, view in
            _ = input
            return view
        }
    }

    private var recipientRoute: APIRoute {
        ownRoute(
            "/v1/messages/{message}/recipients/{index}", operation: "messages.recipient", summary: "One recipient of a message",
            RecipientInput.self, RecipientView.self
        ) { input, view in
            guard let recipient = view.recipients.first(where: { $0.index == Int(input.index) }) else {
                throw Problem.notFound("Message \(view.id) has no recipient \(input.index).")
            }
            return RecipientView(message: view.id, recipient: recipient, events: view.events.filter { $0.index == recipient.index })
        }
    }

    /// For those who may see all messages, and for the submitter of this one.
    private func ownRoute<Input: MessageNaming, Outcome: Codable & Sendable>(
        _ path: String, operation: String, summary: String, _ input: Input.Type, _ outcome: Outcome.Type,
        make: @escaping @Sendable (Input, MessageView) throws -> Outcome
    ) -> APIRoute {
        let (administration, gate, now) = (administration, gate, now)
        return APIRoute(
            .get, path, operation: operation, summary: summary,
            scopes: [AccessScope.traceRead.rawValue, AccessScope.messagesRead.rawValue], input: .of(Input.self, isOpen: false), status: 200,
            output: .of(Outcome.self, isOpen: true), problems: [404, 422], isAct: false
        ) { request in
            let fields = try request.fields(Input.self, from: .path)
            let act = Act(actor: request.caller.name, reason: "", at: now())
            let view = try await administration.perform(ShowMessage(message: fields.message), act)
            let seesAll = request.caller.scopes.contains(AccessScope.traceRead.rawValue)
            guard seesAll || gate.principal(request.caller.name)?.submitter.description == view.principal else {
                throw Problem.notFound("no message \(fields.message) of yours is known")
            }
            return APIResponse(body: try JSONText.data(try make(fields, view)))
        }
    }
}

/// Fields that name a message.
protocol MessageNaming: Decodable, Sendable {
    var message: MessageID { get }
}

extension ShowMessage: MessageNaming {}
extension RecipientInput: MessageNaming {}
