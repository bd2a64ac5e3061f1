import MailModel
import OutboundPolicy

/// The way of alert mail, so that what is wrong does not keep the news of it back.
enum NoticeRoute {
    /// The first of `names` that is there, may be used, and is not what the alert is about; nil: the usual choice.
    static func choose(_ names: [String], _ directory: Directory, about subject: String) -> String? {
        names.first { name in
            guard let route = directory.routes[name], !route.isDisabled else { return false }
            return subject != "route:\(name)" && !directory.pauses.contains(.route(name)) && directory.upstreamStops[name] == nil
        }
    }
}
