/// The version of this program, which `CHANGELOG.md` tells about.
package enum PosternVersion {
    package static let text = "0.1.0"
}
