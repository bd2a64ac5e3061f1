#!/usr/bin/env python3
"""How long the console's pages take beside mail: fills a store with made-up history and a long queue, runs the gate on it, signs in, and
looks at pages at a steady rate, while smtp-source submits and then without that; and how much slower submission is beside the pages.

    bench/console.py [--events 1000000] [--queued 100000] [--sessions 50] [--rate 10] [--seconds 30] [--rounds 3] [--folder /var/tmp]

Sessions follow a page each (server-sent events), as open windows do; the requests come on top, in all of them by turns. Prints the 95th
percentile of pages and of searches, in milliseconds, and messages a second with and without the console, as the median of the rounds.
Needs a release build, Debian's package postfix for smtp-source, and 4 GB of disk. Nothing is left running.
"""
import argparse, http.client, pathlib, random, re, socket, statistics, subprocess, sys, tempfile, threading, time, urllib.parse

PASSWORD = "a password for the bench"
PAGES = ["/", "/queue", "/alerts", "/restricted", "/limits", "/policies", "/accounts", "/routes", "/audit", "/nodes", "/me"]
SEARCHES = ["gmail.test", "anna.berg@northwind.test", "rechnung", "550 5.1.1", "bau-30.test"]


def program():
    return str(pathlib.Path(__file__).resolve().parent.parent / ".build/release/postern")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def fill(folder, events, queued):
    data = pathlib.Path(folder) / "data"
    for words, given in [
        (["init"], ""), (["seed", "--events", str(events), "--seed", "1", "--password-stdin"], PASSWORD),
        (["seed", "--queued", str(queued), "--message-bytes", "1024", "--in-use"], ""),
        (["connectors", "add", "bench", "--ip", "127.0.0.1", "--plaintext", "--any-sender"], ""),
    ]:
        subprocess.run([program(), *words, "--data", str(data)], check=True, input=given, text=True, stdout=subprocess.DEVNULL)
    return data


class Session:
    """A browser that is signed in."""

    def __init__(self, port):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {}
        token = re.search(r'name="token" value="([^"]+)"', self.get("/sign-in")).group(1)
        self.send("POST", "/sign-in", urllib.parse.urlencode({"name": "admin@northwind.test", "password": PASSWORD, "token": token, "do": "sign-in", "next": "/"}))

    def send(self, method, path, body=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def get(self, path):
        status, body = self.send("GET", path)
        if status != 200:
            sys.exit(f"{path}: {status} {body[:300]}")
        return body

    def follow(self, path):
        """As an open window does, until the process ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        connection.request("GET", "/live?page=" + urllib.parse.quote(path), headers=headers)
        stream = connection.getresponse()

        def read():
            while stream.read1(65536):
                pass

        threading.Thread(target=read, daemon=True).start()


class Console:
    """Looks at pages at a rate, from some threads, until it is stopped."""

    def __init__(self, sessions, rate):
        self.sessions, self.rate = sessions, rate
        self.times = {"pages": [], "searches": []}
        self.stopping = threading.Event()
        self.turn = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.look, args=(number,)) for number in range(8)]

    def look(self, number):
        dice = random.Random(number)
        mine = self.sessions[number :: len(self.threads)]
        while not self.stopping.wait(len(self.threads) / self.rate * dice.uniform(0.5, 1.5)):
            isSearch = dice.random() < 0.3
            path = f"/trace?q={urllib.parse.quote(dice.choice(SEARCHES))}" if isSearch else dice.choice(PAGES)
            begun = time.monotonic()
            dice.choice(mine).get(path)
            taken = (time.monotonic() - begun) * 1000
            with self.lock:
                self.times["searches" if isSearch else "pages"].append(taken)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def submit(port, seconds):
    """Messages a second, submitted for about so long."""
    count = 2000
    begun = time.monotonic()
    sent = 0
    while time.monotonic() - begun < seconds:
        words = ["smtp-source", "-s", "20", "-m", str(count), "-l", "4096", "-f", "b@bench.test", "-t", "c@bench.test", f"127.0.0.1:{port}"]
        subprocess.run(words, check=True)
        sent += count
    return sent / (time.monotonic() - begun)


def percentile(times, part):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def report(name, console):
    for kind, times in console.times.items():
        print(f"{name:24} {kind:9} {len(times):5} requests  median {percentile(times, 0.5):6.1f} ms  95 % {percentile(times, 0.95):6.1f} ms  slowest {max(times):6.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="/var/tmp")
    parser.add_argument("--data", help="a data directory that was filled before; it is kept")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        data = arguments.data or fill(folder, arguments.events, arguments.queued)
        http_port, port = free_port(), free_port()
        settings = [f"http.port={http_port}", f"submission.port={port}", "submission.tls-port=0", "log.level=error"]
        words = [program(), "serve", "--data", str(data)] + [word for setting in settings for word in ("--set", setting)]
        gate = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            while not (line := gate.stdout.readline()).startswith("ready"):
                if not line:
                    sys.exit("the gate does not start")
            sessions = [Session(http_port) for _ in range(arguments.sessions)]
            for number, session in enumerate(sessions):
                session.follow(["/", "/queue", "/alerts", "/limits"][number % 4])
            with Console(sessions, arguments.rate) as alone:
                time.sleep(arguments.seconds)
            report("pages alone", alone)
            # The made-up organisation's limits would stop the bench, as they should.
            subprocess.run([program(), "policy", "preset", "none", "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
            # The open windows stay: what is compared is the same gate with and without requests and windows that look.
            rates = {"with": [], "without": []}
            beside = Console(sessions, arguments.rate)
            with beside:
                for _ in range(arguments.rounds):
                    rates["with"].append(submit(port, arguments.seconds / 3))
            report("beside submission", beside)
        finally:
            gate.terminate()
            gate.wait()
        gate = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            while not (line := gate.stdout.readline()).startswith("ready"):
                pass
            for _ in range(arguments.rounds):
                rates["without"].append(submit(port, arguments.seconds / 3))
        finally:
            gate.terminate()
            gate.wait()
        medians = {name: statistics.median(values) for name, values in rates.items()}
        print(f"submission: {medians['without']:.0f}/s without a console, {medians['with']:.0f}/s beside it ({100 * medians['with'] / medians['without']:.1f} %)")


main()
