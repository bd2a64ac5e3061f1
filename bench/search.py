#!/usr/bin/env python3
"""How long searches and figures take in a large store: fills one with made-up history and a long queue, runs the gate on it, and asks its
HTTP interface.

    bench/search.py [--events 1000000] [--queued 100000] [--rounds 20] [--folder /var/tmp] [--json FILE]

Each question is asked once before it is timed, and looks back 48 hours. Prints the median and the slowest of the rounds, in milliseconds,
and ends with 1 where a median is 100 ms or more. Needs a release build, and 4 GB of disk. Nothing is left running.
"""
import argparse, http.client, json, pathlib, socket, statistics, subprocess, sys, tempfile, time, urllib.parse

TARGET_MS = 100


def program():
    return str(pathlib.Path(__file__).resolve().parent.parent / ".build/release/postern")


def postern(data, *words):
    return subprocess.run([program(), *words, "--data", str(data)], check=True, capture_output=True, text=True).stdout


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Gate:
    def __init__(self, data, port):
        words = ["serve", "--data", str(data), "--set", f"http.port={port}", "--set", "http.address=127.0.0.1"]
        words += ["--set", f"submission.port={free_port()}", "--set", f"submission.tls-port={free_port()}"]
        words += ["--set", f"receiver.port={free_port()}"]
        self.process = subprocess.Popen([program(), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while not (line := self.process.stdout.readline()).startswith("ready"):
            if not line:
                sys.exit("the gate does not start")
        key = json.loads(postern(data, "api-keys", "add", "bench", "--role", "viewer", "--json"))
        self.token = key.get("token") or key.get("secret")
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, path, **fields):
        begun = time.monotonic()
        self.connection.request("GET", f"{path}?{urllib.parse.urlencode(fields)}", headers={"Authorization": f"Bearer {self.token}"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {body[:300]}")
        return (time.monotonic() - begun) * 1000, json.loads(body)


def questions(gate):
    """Names, with what each asks: of a row in the middle of the range, so that it is neither the first nor the last to be met."""
    past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 24 * 3600))
    row = gate.ask("/v1/trace", until=past, status="bounced", limit=1)[1]["items"][0]
    number = next(word for word in row["messageID"].split("@"))
    yield "one recipient's address", "/v1/trace/find", {"text": row["recipient"]}
    yield "a busy sender's address", "/v1/trace/find", {"text": "anna.berg@northwind.test"}
    yield "a large domain", "/v1/trace/find", {"text": "gmail.test"}
    yield "a small domain", "/v1/trace/find", {"text": "bau-30.test"}
    yield "a common word", "/v1/trace/find", {"text": "rechnung"}
    yield "two words, one rare", "/v1/trace/find", {"text": row["subject"].split()[-1] + " " + row["subject"].split()[0]}
    yield "a code of a reply", "/v1/trace/find", {"text": "5.1.1 unknown"}
    yield "a Message-ID", "/v1/trace/find", {"text": row["messageID"]}
    yield "the beginning of a Message-ID", "/v1/trace/find", {"text": f"<{number[:8]}"}
    yield "nothing there", "/v1/trace/find", {"text": "unheard-of@nowhere.test"}
    yield "figures of 48 hours", "/v1/statistics", {"since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 48 * 3600))}
    yield "figures of 14 days by day", "/v1/statistics", {
        "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 14 * 86400)), "by": "day"}
    yield "the shape of the queue", "/v1/queue-shape", {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=pathlib.Path, default="/var/tmp")
    parser.add_argument("--data", type=pathlib.Path, help="a data directory that was filled before")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        data = options.data or pathlib.Path(folder) / "data"
        if not options.data:
            postern(data, "init", "--host-name", "gate.northwind.test")
            begun = time.monotonic()
            words = ["--queued", str(options.queued), "--message-bytes", "1024"] if options.queued else []
            print(postern(data, "seed", "--events", str(options.events), *words).splitlines()[0])
            print(f"filled in {time.monotonic() - begun:.0f} s")
        gate = Gate(data, free_port())
        try:
            results = {}
            for name, path, fields in questions(gate):
                rows = len(gate.ask(path, **fields)[1].get("rows", []))
                times = [gate.ask(path, **fields)[0] for _ in range(options.rounds)]
                results[name] = {"median_ms": round(statistics.median(times), 1), "slowest_ms": round(max(times), 1), "rows": rows}
                print(f"{name:32} {statistics.median(times):8.1f} {max(times):8.1f}  {rows} rows")
        finally:
            gate.process.terminate()
            gate.process.wait(60)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    sys.exit(any(result["median_ms"] >= TARGET_MS for result in results.values()))


if __name__ == "__main__":
    main()
