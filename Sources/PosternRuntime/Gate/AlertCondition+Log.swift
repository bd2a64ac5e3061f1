import Logging
import OutboundPolicy

extension AlertCondition {
    /// A line for who reads the log.
    func log(_ logger: Logger) {
        let words = advice.isEmpty ? text : "\(text). \(advice)"
        logger.log(level: isOver ? .notice : .error, "\(words)", metadata: ["condition": "\(kind.rawValue)", "subject": "\(subject)"])
    }
}
