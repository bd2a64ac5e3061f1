"""The gates that are compared. Each starts in a folder and a control group of its own, relays to a sink on loopback, and syncs to disk
before it says 250."""
import dataclasses, pathlib, re, shutil, subprocess, sys, tempfile
from postgresql import PostgreSQL
from rig import PORTS, ROOT, wait_for_port

PASSWORD = "correct horse battery staple"
ACCOUNT = f"writer@sender.test:{PASSWORD}"


@dataclasses.dataclass
class Work:
    """What is asked of a peer."""
    port: int
    sink_port: int
    signs: bool = False
    signs_in: bool = False
    # The sink takes TLS, and has to be given it.
    encrypts: bool = False
    # A shaping policy covers the way out, too high to be met.
    shapes: bool = False


class Postern:
    """On SQLite, which is what `init` takes where it is told nothing else."""
    storage = ()
    # Postfix does not, unless with a milter.
    scans = False

    def __init__(self, folder, group):
        self.program = ROOT / ".build/release/postern"
        if not self.program.exists():
            sys.exit("build it first: . scripts/system.sh && build_release")
        self.group, self.data = group, folder / "data"

    def run(self, *words, **options):
        return subprocess.run([self.program, *words, "--data", self.data], check=True, stdout=subprocess.PIPE, text=True, **options).stdout

    def prepare(self, work):
        """A data directory whose mail goes to the sink. Signing keys: RSA-2048 and Ed25519, as `init` makes them."""
        self.run("init", "--domain", "sender.test", *self.storage)
        if work.signs_in:
            self.run("accounts", "add", "writer@sender.test", "--password-stdin", input=PASSWORD)
        else:
            self.run("connectors", "add", "bench", "--ip", "127.0.0.0/8", "--plaintext", "--any-sender")
        self.run("routes", "add", "sink", "--smarthost", f"127.0.0.1:{work.sink_port}", "--tls", "encrypt" if work.encrypts else "none")
        if work.shapes:
            self.run("shaping", "set", "high", "--route", "sink", "--connections", "20", "--messages", "1000000/min",
                     "--recipients", "10000000/d")

    def serve(self, work, *settings, wrapper=()):
        settings = (f"submission.port={work.port}", "submission.tls-port=0", "http.port=0", "log.level=warning",
                    f"dkim.sign={str(work.signs).lower()}", f"scan.mail={str(self.scans).lower()}", *settings)
        words = [*wrapper, self.program, "serve", "--data", self.data] + [word for setting in settings for word in ("--set", setting)]
        return self.group.start(*words, stdout=subprocess.DEVNULL)

    def start(self, work):
        self.prepare(work)
        wait_for_port(work.port, self.serve(work), seconds=60)

    def limit(self):
        """Every limit on, each too high to be met."""
        high = "10000000"
        self.run("policy", "preset", "standard", "--licences", "1000")
        self.run("policy", "set", "default", "--external-per-hour", high, "--internal-per-hour", high, "--per-day", high)
        for name in ("messages-per-minute", "recipients-per-24-hours", "first-time-recipients-per-24-hours", "mebibytes-per-24-hours",
                     "connector-recipients-per-hour", "organisation-external-per-24-hours"):
            self.run("limits", "set", name, high, "--action", "refuse")


class PosternOnPostgreSQL(Postern):
    """With a database of its own, whose processes count as the peer's."""

    def prepare(self, work):
        self.database = PostgreSQL(self.data.parent, self.group.start)
        self.storage = ("--storage", self.database.url)
        super().prepare(work)


class PosternThatScans(Postern):
    """Every message is scanned before it is taken, by rules, sketches and near-duplicates."""
    scans = True


class PosternWithLimits(Postern):
    """What counting costs."""

    def prepare(self, work):
        super().prepare(work)
        self.limit()


class Postfix:
    """As Debian ships it, but for what a relay on loopback without DNS needs."""

    def __init__(self, folder, group):
        self.folder, self.group = folder, group

    def start(self, work):
        etc, spool, data = self.folder / "etc", self.folder / "spool", self.folder / "data"
        shutil.copytree("/etc/postfix", etc)
        spool.mkdir()
        data.mkdir()
        shutil.chown(data, "postfix")
        self.folder.chmod(0o755)
        lines = self.main(work, spool, data)
        if work.signs:
            lines += self.milter(self.start_opendkim())
        if work.signs_in:
            lines += self.submission()
        (etc / "main.cf").write_text("\n".join(lines) + "\n")
        self.write_master(etc / "master.cf", work.port)
        wrapper = self.with_passwords() if work.signs_in else []
        process = self.group.start(*wrapper, "postfix", "-c", etc, "start-fg", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(work.port, process)

    def main(self, work, spool, data):
        return f"""compatibility_level = 3.6
queue_directory = {spool}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {self.folder}/log
maillog_file_prefixes = {self.folder}
myhostname = bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
local_transport = error:none
smtpd_relay_restrictions = {"permit_sasl_authenticated" if work.signs_in else "permit_mynetworks"}, reject
relayhost = [127.0.0.1]:{work.sink_port}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtp_tls_security_level = {"encrypt" if work.encrypts else "none"}""".split("\n")

    def write_master(self, path, port):
        """The services as shipped, with smtpd on our port and none in a chroot, whose files are not there."""
        text = re.sub(r"^smtp\s+inet.*$", f"127.0.0.1:{port} inet n - n - - smtpd", path.read_text(), flags=re.M)
        lines = [re.sub(r"^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)", r"\1n\2", line) for line in text.splitlines()]
        path.write_text("\n".join(lines) + "\n")

    def start_opendkim(self):
        """OpenDKIM in the same group, signing only, RSA-2048; returns its port."""
        # Not below /tmp: it takes no key from where others may write.
        self.keys = tempfile.TemporaryDirectory(prefix="postern-bench-", dir="/run")
        port, folder = next(PORTS), pathlib.Path(self.keys.name)
        subprocess.run(["openssl", "genrsa", "-out", folder / "key.pem", "2048"], check=True, stderr=subprocess.DEVNULL)
        (folder / "opendkim.conf").write_text(f"""Syslog no
UserID opendkim
Mode s
Domain sender.test
Selector bench
KeyFile {folder}/key.pem
Canonicalization relaxed/relaxed
OversignHeaders From
InternalHosts 127.0.0.1
Socket inet:{port}@127.0.0.1
""")
        for path in (folder, folder / "key.pem"):
            shutil.chown(path, "opendkim", "opendkim")
        wait_for_port(port, self.group.start("opendkim", "-f", "-x", folder / "opendkim.conf"))
        return port

    def milter(self, port):
        return [f"smtpd_milters = inet:127.0.0.1:{port}", "milter_default_action = tempfail"]

    def submission(self):
        """STARTTLS, and passwords from a database of Cyrus SASL, which keeps them as they are: no hash is computed."""
        tls, sasl = self.folder / "tls.pem", self.folder / "sasl"
        sasl.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                        "-subj", "/CN=bench.test", "-keyout", tls, "-out", self.folder / "certificate.pem"],
                       check=True, stderr=subprocess.DEVNULL)
        tls.write_text(tls.read_text() + (self.folder / "certificate.pem").read_text())
        (sasl / "smtpd.conf").write_text("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN\n")
        return ["smtpd_tls_security_level = may", "smtpd_tls_auth_only = yes", f"smtpd_tls_chain_files = {tls}",
                "smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = cyrus", "smtpd_sasl_path = smtpd",
                f"cyrus_sasl_config_path = {sasl}"]

    def with_passwords(self):
        """Words that start a program which sees our database in the place of /etc/sasldb2: Debian's library reads no other."""
        passwords = self.folder / "passwords"
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", passwords, "-u", "sender.test", "writer"], input=PASSWORD.encode(), check=True)
        shutil.chown(passwords, "postfix")
        if not pathlib.Path("/etc/sasldb2").exists():
            sys.exit("there is no /etc/sasldb2 to put a database in the place of: apt-get install sasl2-bin makes it")
        return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/sasldb2 && exec "$@"', passwords]


class PostfixWithLimit(Postfix):
    """With postfwd as its policy service, which counts each sender's recipients of a minute: one limit, too high to be met."""

    def main(self, work, spool, data):
        port, rules = next(PORTS), self.folder / "postfwd"
        rules.mkdir()
        (rules / "rules").write_text("id=R1; protocol_state=RCPT; action=rate(sender/1000000/60/450 4.7.1 too many)\n")
        shutil.chown(rules, "nobody")
        # It goes into the background, and stays in the group.
        self.group.start(
            "postfwd2", "-d", "-f", rules / "rules", "-i", "127.0.0.1", "-p", str(port), "-u", "nobody", "-g", "nogroup",
            f"--pid={rules}/pid", "--summary=0", "--min_servers=10", "--max_servers=110", "--max_spare_servers=30",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/").wait()
        wait_for_port(port)
        return super().main(work, spool, data) + [
            f"smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{port}, permit_mynetworks, reject"]


class PostfixWithRspamd(Postfix):
    """With rspamd as a milter that scans by itself: two workers, as packaged, without DNS, Redis and the network."""

    CONFIG = """
.include "/etc/rspamd/common.conf"
options {{ pidfile = "{0}/pid"; dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }} filters = "chartable,dkim,regexp"; url_tld = "/usr/share/rspamd/effective_tld_names.dat"; }}
logging {{ type = "file"; filename = "{0}/log"; level = "error"; }}
worker "rspamd_proxy" {{ bind_socket = "127.0.0.1:{1}"; milter = yes; timeout = 120s; count = 2; upstream "local" {{ default = yes; self_scan = yes; }} }}
rbl {{ enabled = false; }} surbl {{ enabled = false; }} fuzzy_check {{ enabled = false; }} bayes {{ enabled = false; }}
greylist {{ enabled = false; }} ratelimit {{ enabled = false; }}
"""

    def main(self, work, spool, data):
        port, folder = next(PORTS), self.folder / "rspamd"
        folder.mkdir()
        folder.chmod(0o777)
        (folder / "rspamd.conf").write_text(self.CONFIG.format(folder, port))
        process = self.group.start("rspamd", "-f", "-i", "-c", folder / "rspamd.conf", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(port, process, seconds=120)
        return super().main(work, spool, data) + self.milter(port)


PEERS = {"postern": Postern, "postern-scan": PosternThatScans, "postfix-rspamd": PostfixWithRspamd, "postern-limits": PosternWithLimits, "postern-postgresql": PosternOnPostgreSQL, "postfix": Postfix,
         "postfix-postfwd": PostfixWithLimit}
