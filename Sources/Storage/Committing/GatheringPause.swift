/// How long the writer lets works gather before it takes what has come.
///
/// A commit costs about the same for twenty works as for one, so under load it pays to wait for more. A client alone, or a few of
/// them, would only wait longer: they never do.
struct GatheringPause: Sendable {
    /// Works of the last commit from which on it waits.
    var lastWorksMin = 8
    /// Works at which it ends early.
    var worksEnough = 64
    var longest = Duration.milliseconds(1)

    /// From the end of a commit: no longer than the commit took, so that a message waits twice as long at most. Zero: take at once.
    func length(afterCommitOf works: Int, taking duration: Duration) -> Duration {
        works >= lastWorksMin ? max(.zero, min(duration, longest)) : .zero
    }
}
