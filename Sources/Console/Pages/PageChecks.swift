import HTTPTypes
import Hummingbird
import MailModel
import NIOCore

/// What a form must be before it is looked at.
extension PageService {
    /// A browser says where a form came from; one of another site is not taken. One that says nothing has the token to show.
    static func checkOrigin(_ request: Request) throws {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name], site != "same-origin", site != "none" {
            throw foreign
        }
        guard let origin = request.headers[.origin] else { return }
        let host = origin.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? ""
        guard let own = request.head.authority, host == own else { throw foreign }
    }

    static func checkToken(_ form: FormValues, _ viewer: Viewer) throws {
        guard !viewer.formToken.isEmpty, ConstantTime.isEqual(form["token"], viewer.formToken) else { throw foreign }
    }

    private static let foreign = Problem.forbidden("The form came from another page. Open the page again and repeat.")

    /// Strangers have nothing longer to say than a name and a password, and no files.
    static func form(_ request: Request, isSignedIn: Bool) async throws -> FormValues {
        let fullType = request.headers[.contentType] ?? ""
        let type = fullType.prefix { $0 != ";" }.lowercased()
        let isUpload = type == "multipart/form-data" && isSignedIn
        guard type == "application/x-www-form-urlencoded" || isUpload else {
            throw Problem(415, "unsupported-media-type", "Not with this content type", "Forms come as application/x-www-form-urlencoded.")
        }
        let bytes = try await octets(of: request, max: isUpload ? uploadBytesMax : isSignedIn ? formBytesMax : guestFormBytesMax)
        let form =
            isUpload
            ? FormValues(multipart: bytes, contentType: fullType)
            : String(validating: bytes, as: UTF8.self).flatMap { FormValues($0) }
        guard let form else { throw Problem.invalid("the form cannot be read") }
        return form
    }

    private static func octets(of request: Request, max bytesMax: Int) async throws -> [UInt8] {
        let body = request.body
        let timeout = Problem(408, "timeout", "The request took too long", "The form did not arrive in time.")
        return try await TimeLimit.run(APILimits.bodyTimeout, orElse: timeout) {
            var bytes: [UInt8] = []
            for try await part in body {
                guard bytes.count + part.readableBytes <= bytesMax else { throw Problem.tooLarge(bytesMax) }
                bytes += part.readableBytesView
            }
            return bytes
        }
    }

    /// A file of 8 MiB and what stands around it.
    private static let uploadBytesMax = 9 << 20
    /// Enough for 10,000 members of a group.
    private static let formBytesMax = 1 << 20
    private static let guestFormBytesMax = 16_384
}

extension Page {
    /// The page again, with what was wrong, and with what was filled in.
    func after(_ problem: Problem, _ form: FormValues) -> Page {
        var page = self
        page.status = problem.status
        page.blocks = blocks.map { block in
            guard case .form(var filled) = block, filled.act == form["do"] else { return block }
            filled.isFolded = false
            filled.fields = filled.fields.map { $0.after(problem, form) }
            return .form(filled)
        }
        page.blocks.insert(.notice(Notice(.bad, problem.title, text: problem.detail)), at: 0)
        return page
    }
}

extension Field {
    fileprivate func after(_ problem: Problem, _ form: FormValues) -> Field {
        var field = self
        field.error = problem.errors.first { $0.field == "/\(name)" || $0.field == name }?.detail ?? ""
        guard !isSecret else { return field }
        switch kind {
        case .flag, .checks: field.values = form.all(name)
        default: if form.holds(name) { field.values = [form.exactly(name)] }
        }
        return field
    }
}

extension [Block] {
    /// Without the forms whose acts the viewer may not do: nothing is offered that would be refused.
    func allowed(_ room: Room, _ viewer: Viewer) -> [Block] {
        func may(_ form: Form) -> Bool {
            guard let act = form.act, form.action.isEmpty else { return true }
            return room.acts[act].map { viewer.may($0.scopes) } ?? false
        }
        return compactMap { block in
            switch block {
            case .form(let form): return may(form) ? block : nil
            case .table(var table):
                table.rows = table.rows.map { row in
                    row.map { cell in
                        var cell = cell
                        cell.forms = cell.forms.filter(may)
                        return cell
                    }
                }
                return .table(table)
            case .live(let id, let blocks): return .live(id: id, blocks.allowed(room, viewer))
            default: return block
            }
        }
    }
}
