#!/usr/bin/env python3
"""Counts the instructions that a message costs, and compares them with what they are allowed to be: a regression shows on any machine, however
busy it is.

    bench/instructions.py [--update] [--margin 0.05] [--profile PART]

The release build runs under Valgrind's callgrind, which counts every instruction of ours and of the libraries, and none of the kernel.
4 KiB messages come by smtp-source, 10 at a time, and go to smtp-sink; signing is off:
    new    a connection for each message: accepted, kept on disk, delivered, settled
    kept   the same over kept connections
    queue  recipients that were deferred, made due by `queue retry` and delivered from the store
    new-limits, kept-limits  the first two with every limit on, none of them met, and each recipient new to the sender
All but the queue are the median of three parts; what the idle gate executes in the meantime is measured and left out. Ends with 1 where a count is above
that of instructions.json by more than the margin. --update writes the counts there. --profile keeps callgrind's output of one part,
for callgrind_annotate, in callgrind.PART.

The counts depend on the compiler and the libraries: take new ones when those change. Needs root, valgrind, postfix for smtp-source and
smtp-sink, cc, and a release build. Takes about three minutes.
"""
import argparse, glob, json, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile, time
from peers import Postern, Work
from rig import PORTS, ROOT, Group, Sink, finish, need, source, wait_for_port

ALLOWED = ROOT / "bench/instructions.json"
MESSAGES, QUEUED, SESSIONS, PARTS = 300, 1500, 10, 3

# Valgrind 3.19 writes into the mask that sigsuspend is given; that of libdispatch lies in read-only memory.
SHIM = """
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}
"""


class CountedGate:
    """A gate under callgrind, which counts while it is told to."""

    def __init__(self, folder, group, sink):
        self.counts = []
        self.folder, self.group, self.work = folder, group, Work(port=next(PORTS), sink_port=sink.port)
        self.postern = Postern(folder, group)
        self.postern.prepare(self.work)
        self.postern.run("seed", "--queued", str(QUEUED))

    def start(self):
        (self.folder / "shim.c").write_text(SHIM)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.folder / "shim.so", self.folder / "shim.c"], check=True)
        # Valgrind 3.19 does not read the debug information of today's compilers, and stops at it.
        stripped = self.folder / "postern"
        subprocess.run(["strip", "--strip-debug", "-o", stripped, self.postern.program], check=True)
        wrapper = ["env", "SWIFT_DETERMINISTIC_HASHING=1", f"LD_PRELOAD={self.folder}/shim.so", "taskset", "--cpu-list", "0,1", "valgrind",
                   "--quiet", "--tool=callgrind", "--instr-atstart=no", "--fair-sched=yes", f"--log-file={self.folder}/log",
                   f"--callgrind-out-file={self.folder}/counts"]
        program, self.postern.program = self.postern.program, stripped
        self.process = self.postern.serve(self.work, wrapper=wrapper)
        self.postern.program = program
        wait_for_port(self.work.port, self.process, seconds=300)

    def control(self, *words):
        said = subprocess.run(["callgrind_control", *words, str(self.process.pid)], capture_output=True, text=True)
        if said.returncode:
            sys.exit(f"callgrind_control {' '.join(words)}: {said.stdout}{said.stderr}")

    def count(self, work):
        """Instructions that are executed while `work` runs, and the seconds that it takes."""
        self.control("--instr=on")
        self.control("--zero")
        start = time.monotonic()
        work()
        took = time.monotonic() - start
        self.control("--dump")
        self.control("--instr=off")
        known = set(self.counts)
        self.counts = glob.glob(f"{self.folder}/counts.*")
        totals = (re.search(r"^(?:summary|totals): (\d+)", pathlib.Path(path).read_text(), re.M) for path in set(self.counts) - known)
        return sum(int(total.group(1)) for total in totals), took


def rest(gate):
    """What the idle gate executes in so many seconds: counted until it does no more than the time before, since at the start it has still to
    count and to index what the queue holds."""
    before = gate.count(lambda: time.sleep(5))
    for _ in range(20):
        counted = gate.count(lambda: time.sleep(5))
        if 0.8 < counted[0] / counted[1] / (before[0] / before[1]) < 1.25:
            return counted
        before = counted
    sys.exit("the gate does not come to rest")


def arrived(sink, count):
    """Waits for the sink to have so many messages, and for the last of them to be settled."""
    deadline = time.monotonic() + 300
    while sink.count < count:
        if time.monotonic() > deadline:
            sys.exit(f"the sink has {sink.count} of {count} messages")
        time.sleep(0.05)
    time.sleep(0.3)


def measure(folder, options):
    group, tools = Group("counted"), Group("tools")
    sink = Sink(tools)
    try:
        gate = CountedGate(folder, group, sink)
        gate.start()

        def send(kept):
            count = sink.count + MESSAGES
            finish(source(tools, gate.work.port, MESSAGES, SESSIONS, kept))
            arrived(sink, count)

        def drain():
            count = sink.count + QUEUED
            gate.postern.run("queue", "retry", "--all")
            arrived(sink, count)

        counts = {}

        def count(name, messages, work):
            total, took = gate.count(work)
            counts.setdefault(name, []).append((total - idle / seconds * took) / messages)
            print(f"{name}: {counts[name][-1]:,.0f}", file=sys.stderr)
            if name == options.profile:
                shutil.copy(max(gate.counts, key=os.path.getmtime), f"callgrind.{name}")

        def count_both(suffix=""):
            send(False)
            send(True)
            for _ in range(PARTS):
                count("new" + suffix, MESSAGES, lambda: send(False))
                count("kept" + suffix, MESSAGES, lambda: send(True))

        idle, seconds = rest(gate)
        count_both()
        count("queue", QUEUED, drain)
        gate.postern.limit()
        count_both("-limits")
        return {name: round(statistics.median(values)) for name, values in counts.items()}
    finally:
        group.end()
        sink.end()
        tools.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the counts to instructions.json")
    parser.add_argument("--margin", type=float, default=0.05, help="share by which a count may be above the one that is written down")
    parser.add_argument("--profile", choices=("new", "kept", "queue", "new-limits", "kept-limits"), help="keep callgrind's output of this part")
    options = parser.parse_args()
    need("valgrind", "smtp-source", "smtp-sink", "cc")
    with tempfile.TemporaryDirectory(prefix="postern-instructions-") as name:
        counts = measure(pathlib.Path(name), options)
    if options.update:
        ALLOWED.write_text(json.dumps(counts, indent=4) + "\n")
    allowed = json.loads(ALLOWED.read_text())
    isOver = False
    print(f"{'':11} {'per message':>12} {'allowed':>12}")
    for name, count in counts.items():
        change = count / allowed[name] - 1
        isOver = isOver or change > options.margin
        print(f"{name:11} {count:12,} {allowed[name]:12,} {change:+7.1%}{'   OVER' if change > options.margin else ''}")
    sys.exit(1 if isOver else 0)


if __name__ == "__main__":
    main()
