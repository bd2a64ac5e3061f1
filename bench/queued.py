#!/usr/bin/env python3
"""What a long queue costs: starts a gate with one million recipients in its queue beside one whose queue is empty, and prints what was
measured with its targets.

    bench/queued.py [--recipients 1000000] [--recipients-per-message 1] [--messages 10000] [--rounds 3] [--folder /var/tmp] [--json FILE]

1. A store is filled by `postern seed`: recipients that were deferred and fall due in an hour (4 KiB messages, about 5 GB).
2. Both gates run, and smtp-source sends to one and then to the other, 50 sessions, a connection for each message and kept ones: the rate
   at which they accept, empty queue and full, as the median of the rounds. Their mail goes to one smtp-sink.
3. `postern queue retry --all` makes the whole queue due, while a client sends a message at a time: how long its slowest answer took.
4. The full gate is stopped and started with nothing in the page cache: the time to its first delivery; memory while it delivers; and the
   rate at which it accepts meanwhile.

Needs root, postfix for smtp-source and smtp-sink, a release build, and 12 GB of disk. Nothing is left running.
"""
import argparse, json, pathlib, smtplib, statistics, sys, tempfile, threading, time
from peers import Postern, Work
from rig import PORTS, Group, Sink, finish, memory_mib, need, source, wait_for_port

TARGETS = {"peak_mib": ("<", 200, "peak memory (PSS), MiB"), "first_delivery_seconds": ("<=", 10, "start to first delivery, s"),
           "accept_ratio_new": (">=", 0.9, "accepts with a full queue / an empty one, new connections"),
           "accept_ratio_kept": (">=", 0.9, "accepts with a full queue / an empty one, kept connections")}


class Gate:
    """A gate with its memory watched four times a second."""

    def __init__(self, name, folder, sink):
        self.group, self.work = Group(name), Work(port=next(PORTS), sink_port=sink.port)
        self.folder = folder / name
        self.folder.mkdir()
        self.postern = Postern(self.folder, self.group)
        self.postern.prepare(self.work)
        self.peak = self.resident_peak = 0.0
        self.is_over = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.is_over.wait(0.25):
            processes = self.group.processes()
            self.peak = max(self.peak, memory_mib(processes))
            self.resident_peak = max(self.resident_peak, memory_mib(processes, "Rss"))

    def start(self):
        self.process = self.postern.serve(self.work)
        wait_for_port(self.work.port, self.process, seconds=120)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def memory(self):
        return memory_mib(self.group.processes())

    def end(self):
        self.is_over.set()
        self.group.end()


def accept_rate(gate, tools, options, kept):
    """Messages per second until smtp-source has its last 250."""
    start = time.monotonic()
    finish(source(tools, gate.work.port, options.messages, options.sessions, kept))
    return options.messages / (time.monotonic() - start)


def settle(gate, sink, count):
    """Waits until the sink has heard of all that was accepted: no run is to pay for the one before."""
    deadline = time.monotonic() + 120
    while sink.count < count and time.monotonic() < deadline:
        time.sleep(0.05)


def compare_rates(empty, full, sink, tools, options):
    rates = {(gate, kept): [] for gate in (empty, full) for kept in (False, True)}
    expected = sink.count
    for number in range(options.rounds):
        for kept in (False, True):
            for gate in (empty, full):
                rates[gate, kept].append(accept_rate(gate, tools, options, kept))
                expected += options.messages
                settle(gate, sink, expected)
                print(f"round {number + 1}: {'full' if gate is full else 'empty'}, {'kept' if kept else 'new each'}: "
                      f"{rates[gate, kept][-1]:.0f}/s", file=sys.stderr)
    result = {}
    for kept, name in ((False, "new"), (True, "kept")):
        medians = {gate: statistics.median(rates[gate, kept]) for gate in (empty, full)}
        result |= {f"empty_rate_{name}": medians[empty], f"full_rate_{name}": medians[full],
                   f"accept_ratio_{name}": medians[full] / medians[empty]}
    return result


class OneByOne:
    """A client that sends a message after the other on one connection, and keeps the time of its slowest answer."""

    def __init__(self, port):
        self.port, self.slowest, self.count = port, 0.0, 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.send)
        self.thread.start()

    def send(self):
        text = "From: writer@sender.test\r\nTo: reader@dest.test\r\nSubject: one by one\r\n\r\n" + 50 * ("x" * 76 + "\r\n")
        with smtplib.SMTP("127.0.0.1", self.port, timeout=120) as client:
            while not self.is_over.is_set():
                start = time.monotonic()
                client.sendmail("writer@sender.test", ["reader@dest.test"], text)
                self.slowest, self.count = max(self.slowest, time.monotonic() - start), self.count + 1

    def end(self):
        self.is_over.set()
        self.thread.join()


def make_due(gate):
    client, start = OneByOne(gate.work.port), time.monotonic()
    said = gate.postern.run("queue", "retry", "--all", "--reason", "bench")
    took = time.monotonic() - start
    client.end()
    return {"act_said": said.strip(), "act_seconds": took, "act_slowest_answer_seconds": client.slowest, "act_answers": client.count}


def drop_page_cache():
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("1")


def start_and_drain(gate, sink, tools, options):
    drop_page_cache()
    gate.peak, before, start = 0.0, sink.count, time.monotonic()
    gate.process = gate.postern.serve(gate.work)
    while sink.count == before:
        if gate.process.poll() is not None or time.monotonic() - start > 120:
            sys.exit("nothing was delivered within two minutes of the start")
        time.sleep(0.005)
    first = time.monotonic() - start
    wait_for_port(gate.work.port, gate.process)
    time.sleep(5)
    drained, drained_at = sink.count, time.monotonic()
    time.sleep(options.drain_seconds)
    rate = (sink.count - drained) / (time.monotonic() - drained_at)
    accepting = {f"draining_accept_rate_{name}": accept_rate(gate, tools, options, kept) for kept, name in ((False, "new"), (True, "kept"))}
    return {"first_delivery_seconds": first, "drain_rate": rate} | accepting | {"draining_mib": gate.memory(), "draining_peak_mib": gate.peak}


def report(result):
    for key, value in result.items():
        print(f"{key:32} {value if isinstance(value, str) else format(value, '.2f')}")
    print()
    isMissed = False
    for key, (comparison, target, words) in TARGETS.items():
        value = result[key]
        holds = {"<": value < target, "<=": value <= target, ">=": value >= target}[comparison]
        isMissed = isMissed or not holds
        print(f"{words:64} {value:8.2f}   {comparison} {target:<5} {'holds' if holds else 'MISSED'}")
    return 1 if isMissed else 0


def measure(options, folder, tools):
    sink, gates = Sink(tools), []
    try:
        empty, full = Gate("empty", folder, sink), Gate("full", folder, sink)
        gates = [empty, full]
        start = time.monotonic()
        print(full.postern.run("seed", "--queued", str(options.recipients), "--recipients-per-message",
                               str(options.recipients_per_message)).strip(), file=sys.stderr)
        result = {"recipients": options.recipients, "seed_seconds": time.monotonic() - start}
        for gate in gates:
            gate.start()
        time.sleep(2)
        result |= {"idle_mib": full.memory(), "idle_empty_mib": empty.memory()}
        result |= compare_rates(empty, full, sink, tools, options)
        result |= {"accepting_peak_mib": full.peak, "accepting_peak_empty_mib": empty.peak}
        empty.stop()
        result |= make_due(full)
        result["act_peak_mib"] = full.peak
        full.stop()
        result |= start_and_drain(full, sink, tools, options)
        result["peak_mib"] = max(result["accepting_peak_mib"], result["act_peak_mib"], result["draining_peak_mib"])
        result["resident_peak_mib"] = full.resident_peak
        return result
    finally:
        for gate in gates:
            gate.end()
        sink.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--recipients-per-message", type=int, default=1)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--drain-seconds", type=float, default=10)
    parser.add_argument("--folder", default="/var/tmp", help="on the disk that is to be measured")
    parser.add_argument("--json", help="also append the figures to this file, as one object on a line")
    options = parser.parse_args()
    need("smtp-source", "smtp-sink")
    tools = Group("tools")
    try:
        with tempfile.TemporaryDirectory(prefix="postern-queued-", dir=options.folder) as name:
            result = measure(options, pathlib.Path(name), tools)
    finally:
        tools.end()
    if options.json:
        with open(options.json, "a") as file:
            file.write(json.dumps(result) + "\n")
    sys.exit(report(result))


if __name__ == "__main__":
    main()
