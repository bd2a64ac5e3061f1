import Console
import Storage

enum StoreProblem {
    /// What passes is worth another try; nil for the rest, which the log tells.
    static func of(_ error: any Error) -> Problem? {
        switch error as? StoreError {
        case .busy: .unavailable("The store cannot keep up at this moment.")
        case .full: .unavailable("The disk is full.", retryAfterSeconds: 60)
        case .stopped: .unavailable("The gate is stopping.")
        default: nil
        }
    }
}
