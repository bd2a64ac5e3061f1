#!/usr/bin/env python3
"""A personalised campaign to a list of 100,000 people, from the import to the last copy, into smtp-sink.

    bench/campaign.py [--people 100000] [--rounds 1] [--peers postern,mailman,smtplib] [--members 2000] [--kill 3] [--json FILE]

Postern imports the list, checks the campaign and starts it; each copy is rendered (HTML and text, two attributes), scanned, signed with
RSA-2048 and handed over. The rate is that from the first copy after the pilot to the last. Beside it, in turns: Mailman 3 with one message
for each member (`--members`), and a Python script that writes a message for each reader with smtplib through Postfix. `--kill N` sends
once more, killing the gate N times (kill -9) on the way, and holds what the sink saw against the report: nobody lost, and twice only those
whom the trace names as in flight. Needs a release build, postfix and mailman3 (Debian's), and root. Nothing is left running.
"""
import argparse, collections, json, os, pathlib, random, re, shutil, signal, smtplib, socketserver, subprocess, sys, tempfile, threading, time
from peers import Postfix, Work
from rig import CORES, PORTS, ROOT, Group, Sink, busy_seconds, command, memory_mib, need, wait_for_port

TEXT = """# News of {{month|this month}}

Dear {{first name|reader}},

this is what has happened since we last wrote{{#city}} and what is on in {{city}}{{/city}}. The [programme](https://www.sender.test/programme)
is out, the library opens at eight from Monday on, and the new rooms in the east wing can be booked. Tickets for the concert are to be had
at the desk, and [on our pages](https://www.sender.test/tickets) for those who read this at home.

## What is on

- The reading group meets on Tuesday at seven in the small hall. We read the second part of the book that we began in autumn.
- The workshop on bicycles is on Thursday; bring yours, and an old shirt.
- On Saturday the garden is open from ten to four. Children are welcome, and so are cakes.

## From the office

The fee for next year stays as it is. Whoever has moved may tell us the new address by answering this message. The report on the past year
is [here](https://www.sender.test/report), and a copy on paper lies in the hall.

See you soon, {{first name|reader}}!
"""


class Gate:
    """On a data directory of its own, with everything as `init` leaves it, but that all mail goes to the sink."""

    def __init__(self, folder, group, sink_port, program, settings=()):
        if not program.exists():
            sys.exit("build it first: . scripts/system.sh && build_release")
        self.program, self.group, self.data, self.folder = program, group, folder / "data", folder
        self.port, self.http = next(PORTS), next(PORTS)
        self.settings = [f"submission.port={self.port}", "submission.tls-port=0", f"http.port={self.http}", "log.level=warning",
                         "campaigns.public-url=https://mail.sender.test", "bulk.return-path-domain=bounces.sender.test",
                         "bulk.feedback-sender-id=Bench1", "scan.sender-domain=false", *settings]
        self.run("init", "--domain", "sender.test", "--host-name", "gate.sender.test")
        self.run("routes", "add", "sink", "--smarthost", f"127.0.0.1:{sink_port}", "--tls", "none")
        # RSA-2048 alone, as receivers check it; `init` makes an Ed25519 key beside it.
        for line in self.run("dkim", "list", "--json").splitlines():
            key = json.loads(line)
            if "ed25519" in key.get("algorithm", "").lower():
                self.run("dkim", "remove", key["domain"], key["selector"])

    def run(self, *words):
        return command(self.program, self.data, *words)

    def serve(self):
        words = [self.program, "serve", "--data", self.data] + [word for setting in self.settings for word in ("--set", setting)]
        self.process = self.group.start(*words, stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process, seconds=120)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def names(self, address):
        """Whether the trace says that an attempt for this address was under way when the gate died."""
        lines = self.run("trace", "--recipient", address, "--json").splitlines()
        return any("interrupted.attempt" in self.run("explain", json.loads(line)["message"]) for line in lines)

    def report(self):
        return json.loads(self.run("campaign", "report", "news", "--json").splitlines()[0])

    def prepare(self, people):
        """The list, and a campaign whose pilot has arrived."""
        file, text = self.folder / "people.csv", self.folder / "text.md"
        with file.open("w") as output:
            output.write("email,first name,city\n")
            output.writelines(f"reader{n}@d{n % 50}.test,Reader {n},{'Town ' + str(n % 97) if n % 3 else ''}\n" for n in range(people))
        text.write_text(TEXT)
        began = time.monotonic()
        self.run("lists", "import", file, "--list", "news", "--source", "sign-up")
        imported = time.monotonic() - began
        self.run("campaign", "create", "news", "--list", "news", "--from", "Northwind News <news@sender.test>", "--subject",
                 "News for {{first name|you}}", "--content", text, "--postal", "1 Main Street\\nTown", "--canary", "500",
                 "--canary-wait", "0")
        lines = json.loads(self.run("campaign", "check", "news", "--json").splitlines()[0])["lines"]
        if red := [line for line in lines if line["level"] == "red"]:
            sys.exit(f"the checklist is red: {red}")
        ticks = [word for line in lines if line["level"] == "amber" for word in ("--accept", line["code"])]
        self.run("campaign", "check", "news", *ticks)
        self.run("campaign", "pilot", "news", "--to", "boss@sender.test")
        while self.report()["pilot"]["delivered"] != 1:
            time.sleep(0.1)
        return imported


class Memory:
    """The most that processes of a group take: what is theirs alone (`Rss` less what stands in the page cache anyway), and PSS."""

    def __init__(self, group):
        self.group, self.private, self.pss, self.over = group, 0, 0, False
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.over:
            private = sum(self.anonymous(process) for process in self.group.processes())
            self.private, self.pss = max(self.private, private), max(self.pss, memory_mib(self.group.processes()))
            time.sleep(0.2)

    @staticmethod
    def anonymous(process):
        try:
            text = pathlib.Path(f"/proc/{process}/status").read_text()
            return int(re.search(r"^RssAnon:\s+(\d+)", text, re.M).group(1)) / 1024
        except (OSError, AttributeError):
            return 0


def until(condition, seconds=1800):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("it took too long")
        time.sleep(0.02)


def postern(folder, options):
    sinks, gates = Group("sink"), Group("postern")
    sink = Sink(sinks)
    try:
        gate = Gate(folder, gates, sink.port, options.postern, options.set)
        gate.serve()
        imported = gate.prepare(options.people)
        before, memory = sink.count, Memory(gates)
        used, others = gates.seconds(), busy_seconds()
        gate.run("campaign", "start", "news")
        until(lambda: sink.count > before)
        began = time.monotonic()
        until(lambda: sink.count >= before + options.people)
        spent = time.monotonic() - began
        used, machine = gates.seconds() - used, busy_seconds() - others
        until(lambda: gate.report()["state"] == "done")
        sums, ledger = gate.report()["sums"], json.loads(gate.run("ledger", "--verify", "--json").splitlines()[0])
        assert sums["delivered"] == options.people, sums
        assert ledger["balanced"] and ledger["verified"], ledger
        memory.over = True
        return {"peer": "postern", "recipients": options.people, "rate": options.people / spent, "cpu_per_1000": used / options.people * 1000,
                "rss_private_mib": memory.private, "pss_mib": memory.pss, "import_s": imported, "other_cores": machine / spent - used / spent}
    finally:
        gates.end()
        sinks.end()


class NamingSink(socketserver.ThreadingTCPServer):
    """Takes everything, and keeps who got it: smtp-sink only counts."""
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, port):
        self.seen, self.lock = collections.Counter(), threading.Lock()
        super().__init__(("127.0.0.1", port), self.Talk)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            to = []
            try:
                self.wfile.write(b"220 sink\r\n")
                while line := self.rfile.readline():
                    word = line[:4].upper()
                    if word == b"EHLO":
                        self.wfile.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
                    elif word == b"DATA":
                        self.wfile.write(b"354 go\r\n")
                        while (line := self.rfile.readline()) not in (b".\r\n", b""):
                            pass
                        if not line:
                            return
                        with self.server.lock:
                            self.server.seen.update(to)
                        to = []
                        self.wfile.write(b"250 taken\r\n")
                    else:
                        if word == b"RCPT":
                            to.append(line.split(b"<")[1].split(b">")[0].decode())
                        self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                        if word == b"QUIT":
                            return
            except OSError:
                pass


def killed(folder, options):
    gates = Group("postern")
    sink = NamingSink(next(PORTS))
    try:
        gate = Gate(folder, gates, sink.server_address[1], options.postern, options.set)
        gate.serve()
        gate.prepare(options.people)
        gate.run("campaign", "start", "news")
        for part in range(1, options.kill + 1):
            moment = options.people * part // (options.kill + 1) + random.randrange(options.people // 20 + 1)
            until(lambda: sum(sink.seen.values()) >= moment)
            gate.kill()
            gate.serve()
        until(lambda: gate.report()["state"] == "done")
        sums, ledger = gate.report()["sums"], json.loads(gate.run("ledger", "--verify", "--json").splitlines()[0])
        people = {f"reader{n}@d{n % 50}.test" for n in range(options.people)}
        twice = {address for address, count in sink.seen.items() if count > 1}
        named = {address for address in twice if gate.names(address)}
        lost = people - set(sink.seen)
        print(f"killed {options.kill} times: {options.people} people, {len(lost)} lost, {len(twice)} twice, {len(named)} of them named as in "
              f"flight; {sums['delivered']} delivered, counters {'agree' if ledger['verified'] else 'DIFFER'}")
        return not lost and twice == named and sums["delivered"] == options.people and ledger["balanced"] and ledger["verified"]
    finally:
        gates.end()
        sink.shutdown()


class Mailman:
    """Mailman 3's core as Debian packages it, on SQLite, without archives: one post by LMTP, a message of its own for each member."""

    def __init__(self, folder, group, sink_port, members):
        files = subprocess.run(["dpkg", "-L", "mailman3"], stdout=subprocess.PIPE, text=True).stdout.split()
        runner = [file for file in files if file.endswith("/runner")]
        if not runner:
            sys.exit("missing: mailman; apt-get install --no-install-recommends dbconfig-no-thanks mailman3")
        self.programs, self.folder, self.group, self.members = pathlib.Path(runner[0]).parent, folder, group, members
        self.lmtp = next(PORTS)
        folder.chmod(0o755)
        shutil.chown(folder, "list", "list")
        self.configuration = folder / "mailman.cfg"
        self.configuration.write_text(f"""[mailman]
site_owner: postmaster@lists.test
layout: local
[paths.local]
var_dir: {folder}/var
bin_dir: {self.programs}
[database]
class: mailman.database.sqlite.SQLiteDatabase
url: sqlite:///{folder}/mailman.db
[mta]
incoming: mailman.mta.null.NullMTA
outgoing: mailman.mta.deliver.deliver
smtp_host: 127.0.0.1
smtp_port: {sink_port}
lmtp_host: 127.0.0.1
lmtp_port: {self.lmtp}
max_recipients: 500
[webservice]
hostname: 127.0.0.1
port: {next(PORTS)}
admin_user: a
admin_pass: b
[archiver.prototype]
enable: no
""")
        (folder / "fill.py").write_text(f"""
from zope.component import getUtility
from mailman.interfaces.usermanager import IUserManager
from mailman.interfaces.action import Action
from mailman.interfaces.archiver import ArchivePolicy
from mailman.interfaces.mailinglist import Personalization
from mailman.interfaces.member import MemberRole
from mailman.config import config
def fill(mlist):
    users = getUtility(IUserManager)
    for n in range({members}):
        mlist.subscribe(users.create_address(f'reader{{n}}@dest.test', f'Reader {{n}}'), MemberRole.member, send_welcome_message=False)
    mlist.default_nonmember_action = Action.accept
    mlist.archive_policy = ArchivePolicy.never
    mlist.digests_enabled = mlist.admin_immed_notify = False
    mlist.personalize = Personalization.individual
    config.db.commit()
""")
        self.run("create", "news@lists.test", "--domain")
        self.run("withlist", "-r", "fill.fill", "-l", "news@lists.test")
        self.start()

    def words(self, *words):
        return ["setpriv", "--reuid", "list", "--regid", "list", "--clear-groups", "env", f"HOME={self.folder}", f"PYTHONPATH={self.folder}",
                "LC_ALL=C.UTF-8", f"PATH={self.programs}:/usr/bin:/bin", str(self.programs / "mailman"), "-C", str(self.configuration), *words]

    def run(self, *words):
        subprocess.run(self.words(*words), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)

    def start(self):
        self.group.start(*self.words("start"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)
        wait_for_port(self.lmtp, seconds=300)
        time.sleep(5)

    def post(self):
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            client.sendmail("news@sender.test", ["news@lists.test"],
                            f"From: News <news@sender.test>\r\nTo: news@lists.test\r\nSubject: News\r\nMessage-ID: <{time.time_ns()}@sender.test>\r\n"
                            "\r\n" + TEXT.replace("\n", "\r\n"))


def mailman(folder, options):
    sinks, group = Group("sink"), Group("mailman")
    sink = Sink(sinks)
    try:
        peer = Mailman(folder, group, sink.port, options.members)
        used, began = group.seconds(), time.monotonic()
        peer.post()
        until(lambda: sink.count >= options.members)
        spent = time.monotonic() - began
        return {"peer": "mailman", "recipients": options.members, "rate": options.members / spent,
                "cpu_per_1000": (group.seconds() - used) / options.members * 1000, "pss_mib": memory_mib(group.processes())}
    finally:
        group.end()
        sinks.end()


SCRIPT = """
import smtplib, sys, time
from email.message import EmailMessage
port, count, text = int(sys.argv[1]), int(sys.argv[2]), open(sys.argv[3]).read()
for n in range(count):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "News <news@sender.test>", f"reader{n}@dest.test", f"News for Reader {n}"
    message["Message-ID"] = f"<{n}.{time.time_ns()}@sender.test>"
    message.set_content(text.replace("{{first name|reader}}", f"Reader {n}"))
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.send_message(message)
"""


def script(folder, options):
    """What a person writes today: a message for each reader, a connection for each, through Postfix."""
    sinks, group = Group("sink"), Group("postfix")
    sink = Sink(sinks)
    try:
        work = Work(port=next(PORTS), sink_port=sink.port)
        Postfix(folder, group).start(work)
        (folder / "script.py").write_text(SCRIPT)
        (folder / "text").write_text(TEXT)
        used, began = group.seconds(), time.monotonic()
        writer = group.start(sys.executable, folder / "script.py", str(work.port), str(options.members), folder / "text")
        until(lambda: sink.count >= options.members)
        spent = time.monotonic() - began
        writer.wait()
        return {"peer": "smtplib", "recipients": options.members, "rate": options.members / spent,
                "cpu_per_1000": (group.seconds() - used) / options.members * 1000, "pss_mib": memory_mib(group.processes())}
    finally:
        group.end()
        sinks.end()


RUNS = {"postern": postern, "mailman": mailman, "smtplib": script}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=2000, help="of Mailman's list, and readers of the script")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", default="postern,mailman,smtplib")
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="SETTING", help="of the gate, once more")
    parser.add_argument("--postern", type=pathlib.Path, default=ROOT / ".build/release/postern")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    need("smtp-sink", "postfix")
    results = []
    for _ in range(options.rounds):
        for name in options.peers.split(",") if options.peers else []:
            with tempfile.TemporaryDirectory(prefix="postern-bench-") as folder:
                result = RUNS[name](pathlib.Path(folder), options)
            results.append(result)
            print("  ".join(f"{key}={value:.3g}" if key == "cpu_per_1000" else f"{key}={value:.0f}" if isinstance(value, float) and value >= 10
                            else f"{key}={value:.2f}" if isinstance(value, float) else f"{key}={value}" for key, value in result.items()),
                  flush=True)
            if options.json:
                with options.json.open("a") as output:
                    output.write(json.dumps(result) + "\n")
    rates = {name: max((one["rate"] for one in results if one["peer"] == name), default=0) for name in RUNS}
    for name in ("mailman", "smtplib"):
        if rates[name] and rates["postern"]:
            print(f"{rates['postern'] / rates[name]:.1f} times {name}")
    if options.kill:
        with tempfile.TemporaryDirectory(prefix="postern-bench-") as folder:
            if not killed(pathlib.Path(folder), options):
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
