#!/usr/bin/env python3
"""A campaign's story, end to end: people.csv with real flaws, import, draft, check, pilot, canary, rest, through the twin's providers.

    bench/story.py [--rows 10000] [--by cli|api|both] [--no-limits] [--postern PATH]

The gate runs on real time and the twins' clock 1,200 times as fast: an hour of theirs is 3 seconds of the gate's, a day 72 seconds. Each
provider lets an unknown sender send so many in a day of its own (`startVolume`); the gate has a shaping policy of as many in 72 seconds of
its own, less a tenth for the ends of days. Forecast and finish are both times of the gate. The canary waits a minute.

It ends with 1 where the finish is more than a tenth of the campaign's time from the forecast before the start, where a provider refused for
rate or reputation, or where the report's sums are not those that the twins counted. --no-limits leaves the shaping policies out: then the
providers refuse, which shows that the others were needed. Nothing is left running.
"""
import argparse, collections, csv, io, json, pathlib, subprocess, sys, tempfile, time, urllib.error, urllib.request
from datetime import datetime
from rig import PORTS, ROOT, command, wait_for_port

CLOCK = 1200
# Provider: domain of loopback, an unknown sender's messages in a day, as the gate knows it, of which it gives a tenth to spare.
PROVIDERS = {
    "gmail": (1, 1500, "google"), "outlook": (2, 1200, "outlook"), "yahoo": (3, 1200, "yahoo"), "apple": (4, 600, "apple"),
}
WORLD = """
clock: {clock}x
dns: 0
http: 0
smtp: 0
twins:
{twins}
  - {{provider: postfix, address: 127.0.{net}.9, domains: [example.net, example.org], settings: {{greylistSeconds: 0}}}}
returns: {{port: {port}, complaints: complaints@example.org}}
records:
  - {{name: example.org, type: A, value: 127.0.0.1}}
  - {{name: example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}}
  - {{name: _dmarc.example.org, type: TXT, value: "v=DMARC1; p=reject"}}
  - {{name: bounces.example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}}
"""
TEXT = "# News of May\n\nDear {{first name|reader}}, here is [the page](https://www.example.org/news) with what is new in {{city|town}}.\n"
FIELDS = {"from": "Northwind News <news@example.org>", "subject": "News for {{first name|you}}", "postal": "1 Main Street\nTown"}


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Gate:
    """A data directory with a route to the twins, and the gate on it."""

    def __init__(self, program, folder, twins, returns, with_limits):
        self.program, self.data, self.http = program, folder / "gate", next(PORTS)
        submission = next(PORTS)
        self.run("init", "--domain", "example.org", "--host-name", "gate.example.org")
        self.run("routes", "add", "world", "--mx", "--allow-special-addresses")
        records = self.run("dkim", "add", "example.org", "--selector", "s1").splitlines()
        for name, value in zip(records[0::2], records[1::2]):
            if "_domainkey" in name:
                post(f"http://{twins['http']}/v1/records", {"name": name, "type": "TXT", "value": value.strip()})
        if with_limits:
            for name, (_, day, provider) in PROVIDERS.items():
                each_minute = day * 9 // 10 * 60 * CLOCK // 86400
                self.run("shaping", "set", name, "--provider", provider, "--messages", f"{each_minute}/min")
        settings = {
            "submission.port": submission, "submission.tls-port": 0, "http.port": self.http, "delivery.resolver": f"127.0.0.1@{twins['dnsPort']}",
            "delivery.port": twins["twins"][0]["port"], "bulk.return-path-domain": "bounces.example.org", "bulk.feedback-sender-id": "Northwind1",
            "reports.port": returns, "reports.complaint-addresses": "complaints@example.org",
            "reports.complaint-sources": "arf.mail.yahoo.com,outlook.com", "campaigns.public-url": "https://mail.example.org",
            "scan.sender-domain": "false", "log.level": "error", "delivery.retry": "5s",
        }
        words = [program, "serve", "--data", self.data]
        for name, value in settings.items():
            words += ["--set", f"{name}={value}"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        wait_for_port(self.http, self.process, seconds=60)

    def run(self, *words):
        return command(self.program, self.data, *words)


def post(url, body, key=None, method="POST"):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as problem:
        sys.exit(f"{method} {url}: {problem.code} {problem.read().decode()[:500]}")


class ByCommands:
    """The command line alone."""
    name = "command line"

    def __init__(self, gate, folder):
        self.gate, self.folder = gate, folder

    def one(self, *words):
        return json.loads(self.gate.run(*words, "--json").splitlines()[0])

    def suppress(self, addresses):
        for address in addresses:
            self.gate.run("suppressions", "add", address)

    def load(self, octets):
        (self.folder / "people.csv").write_bytes(octets)
        return self.one("lists", "import", self.folder / "people.csv", "--list", "news", "--source", "sign-up")

    def domains(self):
        return self.one("lists", "domains", "news")

    def draft(self):
        (self.folder / "text.md").write_text(TEXT)
        return self.one("campaign", "create", "spring", "--list", "news", "--content", self.folder / "text.md", "--canary-wait", "1",
                        "--from", FIELDS["from"], "--subject", FIELDS["subject"], "--postal", FIELDS["postal"].replace("\n", "\\n"))

    def check(self, codes=()):
        return self.one("campaign", "check", "spring", *(word for code in codes for word in ("--accept", code)))

    def pilot(self):
        return self.one("campaign", "pilot", "spring", "--to", "boss@example.net")

    def start(self):
        return self.one("campaign", "start", "spring")

    def report(self):
        return self.one("campaign", "report", "spring")

    def recipients(self):
        return [json.loads(line) for line in self.gate.run("campaign", "recipients", "spring", "--json").splitlines()]


class ByInterface:
    """The HTTP interface alone."""
    name = "HTTP interface"

    def __init__(self, gate, folder):
        self.base = f"http://127.0.0.1:{gate.http}/v1"
        self.key = json.loads(gate.run("api-keys", "add", "story", "--role", "administrator", "--json"))["token"]

    def ask(self, path, body=None, method="POST"):
        return post(self.base + path, body if method != "GET" else None, self.key, method)

    def suppress(self, addresses):
        for address in addresses:
            self.ask("/suppressions", {"address": address})

    def load(self, octets):
        # JSON is UTF-8: the cells in another charset are read before.
        lines = []
        for line in octets.split(b"\r\n"):
            try:
                lines.append(line.decode())
            except UnicodeDecodeError:
                lines.append(line.decode("cp1252", "replace"))
        self.ask("/lists", {"list": "news"})
        return self.ask("/lists/news/file", {"file": "people.csv", "content": "\r\n".join(lines), "source": "sign-up"})

    def domains(self):
        return self.ask("/lists/news/domains", method="GET")

    def draft(self):
        fields = {"from": FIELDS["from"], "subject": FIELDS["subject"], "postalAddress": FIELDS["postal"], "body": TEXT, "format": "markdown",
                  "canaryWaitMinutes": 1}
        return self.ask("/campaigns", {"campaign": "spring", "list": "news", "fields": fields})

    def check(self, codes=()):
        return self.ask("/campaigns/spring/check", {"accept": list(codes)})

    def pilot(self):
        return self.ask("/campaigns/spring/pilot", {"recipients": ["boss@example.net"]})

    def start(self):
        return self.ask("/campaigns/spring/start", {})

    def report(self):
        return self.ask("/campaigns/spring/report", method="GET")

    def recipients(self):
        rows, after = [], None
        while True:
            page = self.ask("/campaigns/spring/recipients", {"limit": 5000, **({"after": after} if after else {})})
            rows += page["items"]
            after = page.get("next")
            if not after:
                return rows


def wait(what, found, seconds=120):
    deadline = time.monotonic() + seconds
    while not (value := found()):
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s for {what}")
        time.sleep(0.5)
    return value


class Story:
    def __init__(self, way, twins, people, suppressed):
        self.way, self.twins, self.people, self.suppressed = way, twins, people, suppressed
        self.wrong = []

    def expect(self, is_so, text):
        print(f"  {'ok   ' if is_so else 'WRONG'} {text}", flush=True)
        if not is_so:
            self.wrong.append(text)

    def prepare(self):
        self.way.suppress(self.suppressed)
        outcome = self.way.load(self.people)
        report = outcome["report"]
        counts = {count["rule"]: count["total"] for count in report["counts"]}
        left_out = sum(counts.get(rule, 0) for rule in ("no-address", "bad-address", "broken-row", "duplicate", "suppressed", "literal", "value-too-long"))
        self.expect(report["rows"] == report["taken"] + left_out, f"{report['rows']} rows: {report['taken']} taken, {left_out} left out {counts}")
        self.expect(counts.get("suppressed") == len(self.suppressed), f"{len(self.suppressed)} were on the suppression list")
        domains = wait("DNS", lambda: (found := self.way.domains())["open"] == 0 and found)
        self.expect(domains["dead"] > 0, f"{domains['domains']} domains looked at, {domains['dead']} take no mail")
        self.way.draft()
        first = self.way.check()
        red = [line["code"] for line in first["lines"] if line["level"] == "red"]
        self.expect(not red, f"the checklist has no error {red or ''}")
        checked = self.way.check([line["code"] for line in first["lines"] if line["level"] == "amber"])
        self.expect(checked["state"] == "checked", f"checked; {checked['recipients']} people")
        self.way.pilot()
        wait("the pilot", lambda: self.way.report()["pilot"]["delivered"] == 1)

    def send(self, hours):
        """Returns when the last one had it, and forecasts on the way: (share handed over, finish)."""
        before = self.way.check()
        began = time.time()
        self.way.start()
        print(f"  started; forecast {moment(before['finish']) - began:.0f} s, by {before['finishBy'] or 'connections'}", flush=True)
        forecasts, last_open = [(0.0, moment(before["finish"]))], began
        while True:
            report = self.way.report()
            sums = report["sums"]
            left = sums["planned"] + sums["queued"] + sums["deferred"] + sums["held"]
            if report["state"] == "done":
                break
            if report["state"] not in ("canary", "rest"):
                self.expect(False, f"the campaign is {report['state']}: {report['pauseReason']}")
                return began, time.time(), forecasts
            share = 1 - left / max(1, report["recipients"] - sums["skipped"]) if report["recipients"] else 0
            if report["finish"] and share >= forecasts[-1][0] + 0.24 and share < 0.9:
                forecasts.append((share, moment(report["finish"])))
            if time.time() - began > hours * 3600:
                sys.exit("it takes too long")
            time.sleep(1)
        return began, moment(report["finish"]), forecasts

    def judge(self, began, ended, forecasts):
        took = ended - began
        for share, finish in forecasts:
            off = abs(finish - ended) / took
            self.expect(off <= 0.10, f"forecast at {share:.0%}: {finish - began:.0f} s; it took {took:.0f} s ({off:.1%} off)")
        base = f"http://{self.twins['http']}"
        # What comes back later is on its way.
        wait("what comes back", lambda: self.settled(base))
        state = json.load(urllib.request.urlopen(f"{base}/v1/state"))
        accepted, refused = 0, collections.Counter()
        for twin in self.twins["twins"]:
            counts = json.load(urllib.request.urlopen(f"{base}/{twin['name']}/v1/state"))["counts"]
            accepted += counts["accepted"]
            refused.update(counts["refused"])
        about_us = {code: count for code, count in refused.items() if code.startswith("4") or " 5.7." in code}
        self.expect(not about_us, f"no provider refused for rate or reputation {about_us or ''}")
        report, rows = self.way.report(), self.way.recipients()
        sums, returns = report["sums"], state["returns"]
        self.expect(sum(sums.values()) == report["recipients"] == len(rows), f"the states of {report['recipients']} recipients add up")
        self.expect(sums == {**sums, **collections.Counter(row["state"] for row in rows)}, "the rows have the same states")
        self.expect(sums["delivered"] + returns["bounces"] == accepted - 1,
                    f"{sums['delivered']} delivered; the twins took {accepted - 1} and returned {returns['bounces']}")
        no_domain = sum(1 for row in rows if row["state"] == "bounced" and "does not exist in DNS" in row["reason"])
        self.expect(sums["bounced"] == sum(refused.values()) + returns["bounces"] + no_domain,
                    f"{sums['bounced']} bounced: {sum(refused.values())} refused, {returns['bounces']} returned, {no_domain} without a domain")
        complained = sum(1 for row in rows if row["complained"])
        self.expect(report["complaints"] == returns["complaints"] == complained, f"{complained} complained")
        print(f"  all: {json.dumps({name: count for name, count in sums.items() if count})}")

    def settled(self, base):
        returns = json.load(urllib.request.urlopen(f"{base}/v1/state"))["returns"]
        rows = self.way.recipients()
        late = sum(1 for row in rows if row["state"] == "bounced" and row["address"].startswith("late-"))
        return late == returns["bounces"] and sum(1 for row in rows if row["complained"]) == returns["complaints"]


def tell(way_class, options, people, suppressed, network):
    with tempfile.TemporaryDirectory(prefix="postern-story-") as name:
        folder, returns = pathlib.Path(name), next(PORTS)
        twins = "\n".join(
            f"  - {{provider: {twin}, address: 127.0.{network}.{last}, settings: {{startVolume: {day}, growthPercent: 100}}}}"
            for twin, (last, day, _) in PROVIDERS.items())
        (folder / "world.yaml").write_text(WORLD.format(clock=CLOCK, twins=twins, net=network, port=returns))
        world = subprocess.Popen([options.postern, "twin", folder / "world.yaml", "--json"], stdout=subprocess.PIPE, text=True)
        gate = None
        try:
            ready = json.loads(world.stdout.readline())
            ready.setdefault("http", f"127.0.0.1:{ready.get('httpPort')}")
            gate = Gate(options.postern, folder, ready, returns, not options.no_limits)
            story = Story(way_class(gate, folder), ready, people, suppressed)
            print(f"by the {story.way.name}:", flush=True)
            story.prepare()
            story.judge(*story.send(2))
            return story.wrong
        finally:
            for process in (gate.process if gate else None, world):
                if process:
                    process.terminate()
                    process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--by", choices=("cli", "api", "both"), default="both")
    parser.add_argument("--no-limits", action="store_true")
    parser.add_argument("--postern", default=ROOT / ".build/release/postern")
    options = parser.parse_args()
    people = subprocess.run([options.postern, "lists", "sample", "--twins", "--rows", str(options.rows)], check=True, capture_output=True).stdout
    rows = csv.reader(io.StringIO(people.decode("utf-8", "replace")))
    plain = [row[0] for row in rows if row and row[0].endswith("@icloud.com") and "." in row[0] and " " not in row[0]]
    suppressed = sorted({address for address in plain if plain.count(address) == 1 and not address.isupper()})[:20]
    wrong = []
    for network, way in enumerate((ByCommands, ByInterface), start=41):
        if options.by in ("both", "cli" if way is ByCommands else "api"):
            wrong += tell(way, options, people, suppressed, network)
    print("as it should be" if not wrong else f"NOT as it should be: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
