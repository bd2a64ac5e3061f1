"""What every measurement here stands on: control groups that count processor time, smtp-sink with its counter, ports, the load."""
import itertools, json, os, pathlib, re, signal, socket, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GROUPS = pathlib.Path("/sys/fs/cgroup/cpuacct")
# A port of its own for each listener of each run: what earlier runs left in TIME_WAIT would slow connections to the same port.
PORTS = itertools.count(20200)
CORES = os.cpu_count()


def need(*programs):
    """Ends with the packages to install where a program is missing."""
    packages = {"smtp-source": "postfix", "smtp-sink": "postfix", "postfix": "postfix", "opendkim": "opendkim", "cc": "gcc libssl-dev",
                "saslpasswd2": "sasl2-bin libsasl2-modules", "openssl": "openssl", "valgrind": "valgrind",
                "postfwd2": "postfwd"}
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    os.environ["PATH"] = path
    missing = [name for name in programs if not any(os.access(f"{folder}/{name}", os.X_OK) for folder in path.split(":"))]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}; apt-get install {' '.join(sorted({packages[name] for name in missing}))}")
    if not GROUPS.exists():
        sys.exit("no cpuacct control group on this system")
    if os.getuid() != 0:
        sys.exit("run it as root: control groups, and Postfix, want that")
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("ended by SIGTERM"))


def command(program, data, *words):
    """What one command of the gate prints; one that fails ends the bench."""
    done = subprocess.run([program, *words, "--data", data], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_for_port(port, process=None, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode} before it was ready")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


class Group:
    """A cpuacct group for one run: counts the processor time of children that have ended, too."""

    def __init__(self, name):
        self.path = GROUPS / f"postern-bench-{name}-{os.getpid()}"
        self.path.mkdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def start(self, *words, **options):
        return subprocess.Popen(words, preexec_fn=self.enter, **options)

    def seconds(self):
        return int((self.path / "cpuacct.usage").read_text()) / 1e9

    def processes(self):
        return [int(process) for process in (self.path / "cgroup.procs").read_text().split()]

    def end(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for _ in range(100):
                if not self.processes():
                    break
                for process in self.processes():
                    try:
                        os.kill(process, number)
                    except ProcessLookupError:
                        pass
                time.sleep(0.1)
        self.path.rmdir()


def memory_mib(processes, kind="Pss"):
    """The memory of processes: `Pss` counts a page that several share in parts, `Rss` whole in each."""
    total = 0
    for process in processes:
        try:
            text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(re.search(rf"^{kind}:\s+(\d+)", text, re.M).group(1))
        except (OSError, AttributeError):
            pass
    return total / 1024


def busy_seconds():
    """Processor time that the whole machine has spent."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


class Sink:
    """smtp-sink, with its counter of messages read as it goes."""

    def __init__(self, group):
        self.count = 0
        self.first_at = None
        self.port = next(PORTS)
        self.process = group.start(*self.words(), stdout=subprocess.PIPE, cwd="/")
        threading.Thread(target=self.read, daemon=True).start()
        wait_for_port(self.port)

    def words(self):
        return ["smtp-sink", "-c", "-u", "nobody", f"127.0.0.1:{self.port}", "1024"]

    def read(self):
        gathered = b""
        while part := os.read(self.process.stdout.fileno(), 65536):
            gathered = (gathered + part)[-200:]
            if found := re.findall(rb"mesg=(\d+)", gathered):
                self.count = int(found[-1])
                if self.count and self.first_at is None:
                    self.first_at = time.monotonic()

    def end(self):
        self.process.kill()
        self.process.wait()


def compiled(name, folder):
    """A program of this folder, made with the BoringSSL of the release build."""
    program = f"{folder}/{name}"
    library = ROOT / ".build/release/CNIOBoringSSL.build"
    headers = ROOT / ".build/checkouts/swift-nio-ssl/Sources/CNIOBoringSSL/include"
    subprocess.run(["cc", "-O2", "-pthread", "-I", headers, "-o", program, ROOT / f"bench/{name}.c", *library.rglob("*.o"), "-lstdc++"],
                   check=True)
    return program


class TLSSink(Sink):
    """sink.c: the same with STARTTLS, and a certificate that it makes for itself."""

    def __init__(self, group):
        self.folder = tempfile.TemporaryDirectory(prefix="postern-sink-")
        self.program = compiled("sink", self.folder.name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                        "-subj", "/CN=sink.test", "-keyout", f"{self.folder.name}/key.pem", "-out", f"{self.folder.name}/certificate.pem"],
                       check=True, stderr=subprocess.DEVNULL)
        super().__init__(group)

    def words(self):
        return [self.program, str(self.port), f"{self.folder.name}/certificate.pem", f"{self.folder.name}/key.pem"]


def source(group, port, messages, sessions, kept, recipients=1):
    """smtp-source, started: 4 KiB messages, each to a recipient of its own."""
    words = ["smtp-source", "-s", str(sessions), "-m", str(messages), "-l", "4096", "-f", "writer@sender.test", "-t", "reader@dest.test",
             "-r", str(recipients), "-N"]
    return group.start(*words, *(["-d"] if kept else []), f"127.0.0.1:{port}", stdout=subprocess.PIPE)


class SigningInLoad:
    """load.c, compiled with the BoringSSL of the release build: the same with STARTTLS and AUTH PLAIN."""

    def __init__(self, account):
        self.account = account
        self.folder = tempfile.TemporaryDirectory(prefix="postern-load-")
        self.program = compiled("load", self.folder.name)

    def start(self, group, port, messages, sessions, kept):
        words = [self.program, "-s", str(sessions), "-m", str(messages), "-l", "4096", "-f", "writer@sender.test", "-t", "reader@dest.test",
                 "-S", "-a", self.account]
        return group.start(*words, *(["-d"] if kept else []), "127.0.0.1", str(port), stdout=subprocess.PIPE)


def finish(process):
    """What a load that has ended printed: the object of load.c, or nothing."""
    output = process.communicate()[0].decode().strip()
    if process.returncode:
        sys.exit(f"{process.args[0]} ended with {process.returncode} {output}")
    return json.loads(output) if output.startswith("{") else {}
