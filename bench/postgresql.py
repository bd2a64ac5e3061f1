"""A PostgreSQL of its own for a measurement: as Debian ships it (each commit is synced), in a folder, reached over a Unix socket."""
import pathlib, shutil, subprocess, sys, time

USER = "nobody"


def programs():
    """The folder of the newest version's server programs."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not folders:
        sys.exit("missing: PostgreSQL's server; apt-get install postgresql")
    return folders[-1]


class PostgreSQL:
    """`start` is that of a control group, so that the server's processes count with the peer's."""

    def __init__(self, folder, start):
        self.folder = folder / "postgresql"
        self.folder.mkdir(parents=True)
        shutil.chown(self.folder, USER)
        folder.chmod(0o755)
        # The server refuses to run as root.
        wrapper = ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups"]
        data = self.folder / "data"
        subprocess.run([*wrapper, programs() / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale"], check=True,
                       stdout=subprocess.DEVNULL, cwd="/")
        self.process = start(*wrapper, programs() / "postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=",
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        self.wait()

    @property
    def url(self):
        return f"postgresql://{USER}@/postgres?host={self.folder}"

    def wait(self):
        for _ in range(600):
            if self.run("SELECT 1", check=False).returncode == 0:
                return
            time.sleep(0.05)
        sys.exit("PostgreSQL did not start")

    def run(self, sql, check=True):
        """One statement; what it says, a line for each row."""
        return subprocess.run([programs() / "psql", "-h", self.folder, "-U", USER, "-d", "postgres", "-AtXqc", sql], check=check,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE if not check else None, text=True)
