import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// Parts of a page that are renewed while it is looked at, as server-sent events (WHATWG HTML §9.2).
extension PageService {
    private static let interval = Duration.seconds(5)
    /// Then the browser asks again, so that no stream outlives its session for long.
    private static let rounds = 120

    func live(_ asking: Asking, _ viewer: Viewer) async throws -> Response {
        guard let wanted = FormValues(asking.request.uri.query ?? "")?["page"], wanted.hasPrefix("/") else {
            throw Problem.invalid("the page to follow is missing")
        }
        let parts = wanted.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        let (room, values) = try find(path, viewer)
        guard let query = FormValues(parts.count > 1 ? parts[1] : "") else { throw Problem.invalid("the query cannot be read") }
        guard streams.enter() else { throw Problem.unavailable("Too many pages are being followed.", retryAfterSeconds: 60) }
        let request = PageRequest(viewer: viewer, path: path, values: values, query: query, peer: asking.peer)
        var headers = PageService.securityHeaders
        headers[.contentType] = "text/event-stream"
        let token = PageCookies.value(cookies.sessionName, in: asking.request.headers) ?? ""
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [self] writer in
                defer { streams.leave() }
                try await follow(room, request, token, &writer)
                try await writer.finish(nil)
            })
    }

    private func follow(_ room: Room, _ request: PageRequest, _ token: String, _ writer: inout any ResponseBodyWriter) async throws {
        var shown: [String: String] = [:]
        try await writer.write(ByteBuffer(string: "retry: 10000\n\n"))
        for round in 0..<PageService.rounds {
            // Who has lost the right meanwhile sees no more.
            guard let viewer = await ports.viewer(token, request.peer), viewer.may(room.scopes) else {
                return try await writer.write(ByteBuffer(string: "event: over\ndata: {}\n\n"))
            }
            var request = request
            request.viewer = viewer
            // The first round too: what the page came with may have changed before this began.
            for (id, html) in try await parts(room, request, isFirst: round == 0) where shown[id] != html {
                let data = JSONValue.object(["id": .string(id), "html": .string(html)]).json
                try await writer.write(ByteBuffer(string: "event: part\ndata: \(String(decoding: data, as: UTF8.self))\n\n"))
                shown[id] = html
            }
            // Tells a peer that has gone.
            try await writer.write(ByteBuffer(string: ": \n\n"))
            let goesOn = await cancelWhenGracefulShutdown { (try? await Task.sleep(for: PageService.interval)) != nil }
            guard goesOn else { return }
        }
    }

    private func parts(_ room: Room, _ request: PageRequest, isFirst: Bool) async throws -> [(id: String, html: String)] {
        guard let page = try await page(room, request, isFirst: isFirst) else { return [] }
        let frame = PageRenderer.Frame(host: "", version: "", viewer: request.viewer, path: request.path)
        return page.blocks.allowed(room, request.viewer).compactMap { block in
            guard case .live(let id, let blocks) = block else { return nil }
            return (id, renderer.inside(id, blocks, frame))
        }
    }
}

extension PageService {
    /// The page as it is, or, but for the first time, was a moment ago: whoever follows it must not see it older than it came. Nil: it has
    /// become another.
    private func page(_ room: Room, _ request: PageRequest, isFirst: Bool) async throws -> Page? {
        let key = room.isPersonal ? nil : "\(request.path)?\(request.query) \(request.viewer.scopes.sorted())"
        if !isFirst, let key, let known = followed.page(key, since: .now - PageService.interval) { return known }
        guard case .page(let page) = try await room.page(request) else { return nil }
        if let key { followed.keep(page, key) }
        return page
    }
}

/// Pages that are followed, so that a page is made once for all who follow it.
final class FollowedPages: Sendable {
    private static let pagesMax = 200
    private let pages = Mutex<[String: (page: Page, made: ContinuousClock.Instant)]>([:])

    func page(_ key: String, since: ContinuousClock.Instant) -> Page? {
        pages.withLock { $0[key].flatMap { $0.made > since ? $0.page : nil } }
    }

    func keep(_ page: Page, _ key: String) {
        pages.withLock { pages in
            if pages.count >= FollowedPages.pagesMax { pages = [:] }
            pages[key] = (page, .now)
        }
    }
}

/// How many streams there are.
final class StreamCount: Sendable {
    private static let streamsMax = 200
    private let count = Atomic(0)

    func enter() -> Bool {
        guard count.add(1, ordering: .relaxed).newValue <= StreamCount.streamsMax else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.subtract(1, ordering: .relaxed) }
}
