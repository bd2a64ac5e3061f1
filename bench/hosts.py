"""Hosts for a test of many nodes: network namespaces on one bridge, and PostgreSQL on two of them, a primary and its streaming replica."""
import os, pathlib, shutil, signal, subprocess, time
from postgresql import USER, programs

BRIDGE = "postern-test"
NETWORK = "10.87.0"
WORLD = f"{NETWORK}.1"


def sh(*words, check=True):
    return subprocess.run([str(word) for word in words], check=check, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Host:
    """A network namespace with a link that can be cut."""

    def __init__(self, name, number):
        self.name, self.address = f"postern-{name}", f"{NETWORK}.{number}"
        self.outside = f"pt-{name}"
        sh("ip", "netns", "add", self.name)
        sh("ip", "link", "add", self.outside, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        sh("ip", "link", "set", self.outside, "master", BRIDGE, "up")
        self.inside("ip", "addr", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("eth0", "lo"):
            self.inside("ip", "link", "set", device, "up")

    def words(self, *words):
        return ["ip", "netns", "exec", self.name, *[str(word) for word in words]]

    def inside(self, *words, check=True):
        return sh(*self.words(*words), check=check)

    def cut(self):
        sh("ip", "link", "set", self.outside, "down")

    def mend(self):
        sh("ip", "link", "set", self.outside, "up")


class Network:
    """`with Network() as network`: what it made is gone in the end, and what an earlier one left, at the beginning."""

    def __enter__(self):
        self.clean()
        sh("ip", "link", "add", BRIDGE, "type", "bridge")
        sh("ip", "addr", "add", f"{WORLD}/24", "dev", BRIDGE)
        sh("ip", "link", "set", BRIDGE, "up")
        return self

    def __exit__(self, *_):
        self.clean()

    @staticmethod
    def clean():
        for line in sh("ip", "netns", "list").stdout.splitlines():
            name = line.split()[0]
            if name.startswith("postern-"):
                for process in sh("ip", "netns", "pids", name).stdout.split():
                    try:
                        os.kill(int(process), signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                sh("ip", "netns", "delete", name)
        sh("ip", "link", "delete", BRIDGE, check=False)


class Server:
    """PostgreSQL on a host. `standby` names the one that each commit waits for."""

    def __init__(self, host, folder):
        self.host, self.folder, self.data = host, folder, folder / "data"
        folder.mkdir(parents=True)
        shutil.chown(folder, USER)

    def run(self, program, *words, check=True):
        user = ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups"]
        return subprocess.run(self.host.words(*user, programs() / program, *words), check=check, cwd="/", text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def initialize(self):
        self.run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale")
        with open(self.data / "pg_hba.conf", "a") as file:
            file.write(f"host all all {NETWORK}.0/24 trust\nhost replication all {NETWORK}.0/24 trust\n")

    def copy(self, primary):
        self.run("pg_basebackup", "-h", primary.host.address, "-U", USER, "-D", self.data, "-R", "-c", "fast", "-d",
                 f"host={primary.host.address} user={USER} application_name=replica")

    def start(self, standby=""):
        options = f"-c listen_addresses={self.host.address} -k {self.folder} -c synchronous_standby_names={standby}"
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-l", self.folder / "log", "-o", options, "start")

    def stop(self, mode):
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-m", mode, "stop")

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "promote")

    def query(self, sql):
        """The first column of each row."""
        words = [programs() / "psql", "-h", self.folder, "-U", USER, "-d", "postgres", "-AtXqc", sql]
        return sh(*words).stdout.split()

    def count(self, rows):
        return int(self.query(f"SELECT count(*) FROM {rows}")[0])


def eventually(what, condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)
