import Foundation
package import MailModel

extension Timestamp {
    /// The system's clock. For the shell alone: decisions get the time as a parameter.
    package static var now: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
