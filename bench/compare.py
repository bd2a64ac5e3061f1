#!/usr/bin/env python3
"""Runs Postern and Postfix on the same work on this machine and prints a table.

    bench/compare.py [--messages 10000] [--sessions 50] [--rounds 3] [--peers postern,postfix] [--dkim] [--json FILE]

The work: smtp-source sends 4 KiB messages to the peer, which relays them to smtp-sink, all on loopback. Two ways: a connection for each
message, and kept connections. Peers take turns, each starts with an empty queue. Both sync before they say 250.
Reported, as the median of the rounds: messages per second until smtp-sink has the last one, processor seconds per 1,000 messages (all of
the peer's processes, by their cpuacct group where the system has one), peak memory (PSS) in MiB.

Needs root (Postfix starts as root; smtp-sink gives it up), postfix installed, and a release build. Nothing is left running. Quote ratios
from one run; absolute figures change from machine to machine.
"""
import argparse, json, os, pathlib, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SINK_PORT, PEER_PORT = 2925, 2926
GROUPS = pathlib.Path("/sys/fs/cgroup/cpuacct")


def wait_for_port(port, process=None, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            sys.exit(f"a peer ended with {process.returncode} before it was ready")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {port}")


class Group:
    """A cpuacct group for one run: counts the processor time of children that have ended, too."""

    def __init__(self, name):
        self.path = GROUPS / f"postern-bench-{name}-{os.getpid()}"
        self.path.mkdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def seconds(self):
        return int((self.path / "cpuacct.usage").read_text()) / 1e9

    def processes(self):
        return [int(p) for p in (self.path / "cgroup.procs").read_text().split()]

    def end(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for _ in range(30):
                if not self.processes():
                    break
                for process in self.processes():
                    try:
                        os.kill(process, number)
                    except ProcessLookupError:
                        pass
                time.sleep(0.1)
        self.path.rmdir()


def pss_mib(processes):
    total = 0
    for process in processes:
        try:
            text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
        except (OSError, AttributeError):
            pass
    return total / 1024


def start_postern(folder, group, dkim):
    postern = ROOT / ".build/release/postern"
    if not postern.exists():
        sys.exit("build it first: . scripts/system.sh && build_release")
    data = folder / "data"
    run = lambda *words: subprocess.run([postern, *words, "--data", data], check=True, stdout=subprocess.DEVNULL)
    run("init", "--domain", "sender.test")
    run("connectors", "add", "bench", "--ip", "127.0.0.0/8", "--plaintext", "--any-sender")
    run("routes", "add", "sink", "--smarthost", f"127.0.0.1:{SINK_PORT}", "--tls", "none")
    settings = [f"submission.port={PEER_PORT}", "submission.tls-port=0", "http.port=0", "log.level=warning",
                f"dkim.sign={'true' if dkim else 'false'}"]
    words = [postern, "serve", "--data", data] + [w for s in settings for w in ("--set", s)]
    return subprocess.Popen(words, preexec_fn=group.enter, stdout=subprocess.DEVNULL)


def start_postfix(folder, group, dkim):
    if dkim:
        sys.exit("Postfix with a signer is not set up here; compare with --peers postern --dkim")
    etc, spool, data = folder / "etc", folder / "spool", folder / "data"
    shutil.copytree("/etc/postfix", etc)
    spool.mkdir()
    data.mkdir()
    shutil.chown(data, "postfix")
    folder.chmod(0o755)
    (etc / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {spool}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
local_transport = error:none
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:{SINK_PORT}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtp_tls_security_level = none
""")
    master = re.sub(r"^smtp\s+inet.*$", f"127.0.0.1:{PEER_PORT} inet n - n - - smtpd", (etc / "master.cf").read_text(), flags=re.M)
    lines = [re.sub(r"^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)", r"\1n\2", line) for line in master.splitlines()]
    (etc / "master.cf").write_text("\n".join(lines) + "\n")
    return subprocess.Popen(["postfix", "-c", etc, "start-fg"], preexec_fn=group.enter, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


class Sink:
    """smtp-sink with its counter read as it goes."""

    def __init__(self):
        self.count = 0
        self.process = subprocess.Popen(["smtp-sink", "-c", "-u", "nobody", f"127.0.0.1:{SINK_PORT}", "1024"],
                                        stdout=subprocess.PIPE, cwd="/")
        threading.Thread(target=self.read, daemon=True).start()
        wait_for_port(SINK_PORT)

    def read(self):
        gathered = b""
        while part := os.read(self.process.stdout.fileno(), 65536):
            gathered = (gathered + part)[-200:]
            if found := re.findall(rb"(\d+)[^\d]*[\r\n]", gathered):
                self.count = int(found[-1])

    def end(self):
        self.process.kill()
        self.process.wait()


def one_run(peer, kept, options):
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as name:
        folder = pathlib.Path(name)
        group = Group(peer)
        sink = Sink()
        try:
            process = {"postern": start_postern, "postfix": start_postfix}[peer](folder, group, options.dkim)
            wait_for_port(PEER_PORT, process)
            time.sleep(1)
            peak, sample_at = 0.0, time.monotonic() + 0.5
            used, start = group.seconds(), time.monotonic()
            words = ["smtp-source", "-s", str(options.sessions), "-m", str(options.messages), "-l", "4096", "-f", "writer@sender.test",
                     "-t", "reader@dest.test", "-N"] + (["-d"] if kept else []) + [f"127.0.0.1:{PEER_PORT}"]
            source = subprocess.Popen(words)
            while sink.count < options.messages and time.monotonic() - start < options.limit:
                if time.monotonic() >= sample_at:
                    peak, sample_at = max(peak, pss_mib(group.processes())), time.monotonic() + 0.5
                time.sleep(0.02)
            took = time.monotonic() - start
            source.wait()
            used = group.seconds() - used
            if sink.count < options.messages:
                sys.exit(f"{peer}: only {sink.count} of {options.messages} messages arrived within {options.limit} s")
            return {"peer": peer, "kept": kept, "rate": options.messages / took, "cpu": 1000 * used / options.messages, "peak": peak}
        finally:
            group.end()
            sink.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="postern,postfix")
    parser.add_argument("--dkim", action="store_true", help="Postern signs (RSA-2048 and Ed25519)")
    parser.add_argument("--limit", type=float, default=240, help="seconds for one run")
    parser.add_argument("--json", help="also write each run to this file, one object a line")
    options = parser.parse_args()
    if not GROUPS.exists():
        sys.exit("no cpuacct control group on this system")
    runs = []
    for number in range(options.rounds):
        for peer in options.peers.split(","):
            for kept in (False, True):
                run = one_run(peer, kept, options)
                runs.append(run)
                print(f"round {number + 1}: {peer} {'kept' if kept else 'new each'}: {run['rate']:.0f}/s", file=sys.stderr)
    if options.json:
        pathlib.Path(options.json).write_text("".join(json.dumps(run) + "\n" for run in runs))
    print(f"{'peer':10} {'connections':12} {'messages/s':>10} {'CPU s/1,000':>12} {'peak MiB':>9} {'x Postfix':>9}")
    for kept in (False, True):
        median = lambda peer, key: statistics.median([r[key] for r in runs if r["peer"] == peer and r["kept"] == kept] or [0])
        for peer in options.peers.split(","):
            base = median("postfix", "rate")
            ratio = f"{median(peer, 'rate') / base:.1f}" if base else "-"
            print(f"{peer:10} {'kept' if kept else 'new each':12} {median(peer, 'rate'):10.0f} {median(peer, 'cpu'):12.3f} "
                  f"{median(peer, 'peak'):9.0f} {ratio:>9}")


main()
