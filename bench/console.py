#!/usr/bin/env python3
"""How long the console's pages take beside mail: fills a store with made-up history and a long queue, runs the gate on it, signs in, and
looks at pages at a steady rate, while smtp-source submits and then without that; and how much slower submission is beside the pages.

    bench/console.py [--events 1000000] [--queued 100000] [--campaign 0] [--store sqlite|postgresql] [--sessions 50] [--rate 10]
        [--seconds 30] [--rounds 3] [--folder /var/tmp] [--data DIR]

Sessions follow a page each (server-sent events), as open windows do; the requests come on top, in all of them by turns. Prints the 95th
percentile of pages and of searches, in milliseconds, then the same in a closed loop, in which each session asks again as soon as it was
answered, and messages a second with and without the console, as the median of the rounds. `--campaign N`: one to N people is being sent,
its copies are in the queue, and its pages are among those that are looked at. Needs a release build, Debian's package postfix for
smtp-source, and 4 GB of disk for each million events. Nothing is left running.
"""
import argparse, contextlib, http.client, json, os, pathlib, random, re, socket, statistics, subprocess, sys, tempfile, threading, time, urllib.parse
from postgresql import PostgreSQL

PASSWORD = "a password for the bench"
PAGES = ["/", "/queue", "/alerts", "/restricted", "/limits", "/policies", "/accounts", "/routes", "/audit", "/nodes", "/me", "/review",
         "/returns", "/suppressions", "/reputation", "/domain-health", "/domain-reports"]
CAMPAIGN_PAGES = ["/campaigns", "/campaigns/bench", "/lists", "/lists/bench"]
SEARCHES = ["gmail.test", "anna.berg@northwind.test", "rechnung", "550 5.1.1", "bau-30.test"]


def program():
    return str(pathlib.Path(__file__).resolve().parent.parent / ".build/release/postern")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def run(data, *words, given=""):
    done = subprocess.run([program(), *words, "--data", str(data)], input=given, text=True, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}")
    return done.stdout


def fill(data, events, queued, url):
    begun = time.monotonic()
    for words, given in [
        (["init"] + (["--store", url] if url else []), ""), (["seed", "--events", str(events), "--seed", "1", "--password-stdin"], PASSWORD),
        (["seed", "--queued", str(queued), "--message-bytes", "1024", "--in-use"], ""),
        (["connectors", "add", "bench", "--ip", "127.0.0.1", "--plaintext", "--any-sender"], ""),
    ]:
        run(data, *words, given=given)
    print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)


def campaign(data, people):
    """Begins one in a running gate; its pilot arrives at the built-in receiver. What is in the queue before it keeps its place."""
    with tempfile.TemporaryDirectory() as folder:
        file, text = pathlib.Path(folder) / "people.csv", pathlib.Path(folder) / "text.md"
        with file.open("w") as output:
            output.write("email,name\n")
            output.writelines(f"reader{n}@d{n % 50}.test,Reader {n}\n" for n in range(people))
        text.write_text("# News\n\nDear {{name|reader}}, here is [the page](https://www.northwind.test/news) with what is new.\n")
        run(data, "lists", "import", str(file), "--list", "bench", "--source", "sign-up")
        run(data, "campaign", "create", "bench", "--list", "bench", "--from", "News <news@northwind.test>", "--subject", "News for {{name|you}}",
            "--content", str(text), "--postal", "1 Main Street\\nTown", "--canary", "500", "--canary-wait", "0")
        lines = json.loads(run(data, "campaign", "check", "bench", "--json").splitlines()[0])["lines"]
        if red := [line for line in lines if line["level"] == "red"]:
            sys.exit(f"the checklist is red: {red}")
        ticks = [word for line in lines if line["level"] == "amber" for word in ("--accept", line["code"])]
        run(data, "campaign", "check", "bench", *ticks)
        run(data, "campaign", "pilot", "bench", "--to", "office@northwind.test")
        report = lambda: json.loads(run(data, "campaign", "report", "bench", "--json").splitlines()[0])
        while report()["pilot"]["delivered"] != 1:
            time.sleep(0.5)
        run(data, "campaign", "start", "bench")


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

    def __init__(self, sessions, rate, pages):
        self.sessions, self.rate, self.pages = sessions, rate, pages
        self.times, self.byPath = {"pages": [], "searches": []}, {}
        self.stopping = threading.Event()
        self.turn = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.look, args=(number,)) for number in range(8 if rate else len(sessions))]

    def pause(self, dice):
        """0: a closed loop."""
        return len(self.threads) / self.rate * dice.uniform(0.5, 1.5) if self.rate else 0

    def look(self, number):
        dice = random.Random(number)
        mine = self.sessions[number :: len(self.threads)]
        while not self.stopping.wait(self.pause(dice)):
            isSearch = dice.random() < 0.3
            path = f"/trace?q={urllib.parse.quote(dice.choice(SEARCHES))}" if isSearch else dice.choice(self.pages)
            begun = time.monotonic()
            dice.choice(mine).get(path)
            taken = (time.monotonic() - begun) * 1000
            with self.lock:
                self.times["searches" if isSearch else "pages"].append(taken)
                self.byPath.setdefault(path, []).append(taken)

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
        if times:
            print(f"{name:24} {kind:9} {len(times):5} requests  median {percentile(times, 0.5):6.1f} ms  95 % {percentile(times, 0.95):6.1f} ms  slowest {max(times):6.1f} ms")
    slowest = sorted(console.byPath.items(), key=lambda item: -percentile(item[1], 0.5))[:6]
    print("    slowest, by median: " + ", ".join(f"{path} {percentile(times, 0.5):.0f} ms" for path, times in slowest), flush=True)


@contextlib.contextmanager
def database(kind, folder):
    """Where the store is; empty for SQLite."""
    if kind == "sqlite":
        yield ""
        return
    started = []

    def start(*words, **options):
        started.append(subprocess.Popen([str(word) for word in words], **options))
        return started[0]

    try:
        yield PostgreSQL(pathlib.Path(folder), start).url
    finally:
        for process in started:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def serving(data, settings):
    words = [program(), "serve", "--data", str(data)] + [word for setting in settings for word in ("--set", setting)]
    gate = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        while not (line := gate.stdout.readline()).startswith("ready"):
            if not line:
                sys.exit("the gate does not start")
        yield gate
    finally:
        gate.terminate()
        gate.wait()


def measure(arguments, data):
    http_port, port = free_port(), free_port()
    settings = [f"http.port={http_port}", f"submission.port={port}", "submission.tls-port=0", "log.level=error",
                "campaigns.public-url=https://mail.northwind.test", "bulk.return-path-domain=bounces.northwind.test",
                "bulk.feedback-sender-id=Bench1", "scan.sender-domain=false"]
    pages = PAGES + (CAMPAIGN_PAGES if arguments.campaign else [])
    with serving(data, settings):
        if arguments.campaign and "bench" not in run(data, "campaign", "list", "--json"):
            campaign(data, arguments.campaign)
        sessions = [Session(http_port) for _ in range(arguments.sessions)]
        for number, session in enumerate(sessions):
            session.follow((["/", "/queue", "/alerts", "/limits"] + (["/campaigns/bench"] if arguments.campaign else []))[number % (5 if arguments.campaign else 4)])
        with Console(sessions, arguments.rate, pages) as alone:
            time.sleep(arguments.seconds)
        report("pages alone", alone)
        with Console(sessions, 0, pages) as closed:
            time.sleep(arguments.seconds)
        report(f"closed loop of {len(sessions)}", closed)
        # The made-up organisation's limits would stop the bench, as they should.
        run(data, "policy", "preset", "none")
        # The open windows stay: what is compared is the same gate with and without requests and windows that look.
        rates = {"with": [], "without": []}
        with Console(sessions, arguments.rate, pages) as beside:
            for _ in range(arguments.rounds):
                rates["with"].append(submit(port, arguments.seconds / 3))
        report("beside submission", beside)
    with serving(data, settings):
        for _ in range(arguments.rounds):
            rates["without"].append(submit(port, arguments.seconds / 3))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    print(f"submission: {medians['without']:.0f}/s without a console, {medians['with']:.0f}/s beside it ({100 * medians['with'] / medians['without']:.1f} %)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--campaign", type=int, default=0)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="/var/tmp")
    parser.add_argument("--data", help="a data directory that was filled before; it is kept")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder, database(arguments.store, folder) as url:
        data = arguments.data or pathlib.Path(folder) / "data"
        if not os.path.exists(data):
            fill(data, arguments.events, arguments.queued, url)
        measure(arguments, data)


main()
