#!/usr/bin/env python3
"""What comes back, end to end: bulk mail to the twin's providers, some of it to addresses that are dead, full, away or complain.

    bench/returns.py [--addresses 10000] [--postern PATH]

Each address gets one message by a campaign connector. It ends in one of these ways: taken; refused in the dialogue (unknown, full); bounced
later to the return path (unknown, full, blocked); a signed complaint; an automatic answer; a webhook of Postmark or Mailgun. Printed is a
line for each way: how many there were, how many stand on the suppression list afterwards, and for which reason. Ends with 1 where the list
is not exactly the dead and those who complained. Needs a release build. Nothing is left running.
"""
import argparse, base64, collections, hashlib, hmac, json, pathlib, smtplib, subprocess, sys, tempfile, threading, time, urllib.request
from rig import PORTS, ROOT, wait_for_port

GOOGLE, OUTLOOK, YAHOO, APPLE, OTHER = "gmail.com", "outlook.com", "yahoo.com", "icloud.com", "example.net"
# Name, share of a thousand, domains, the reason on the list afterwards.
WAYS = [
    ("unknown", 40, (GOOGLE, OUTLOOK, YAHOO, APPLE, OTHER), "address-dead"),
    ("late-unknown", 30, (GOOGLE, OUTLOOK, YAHOO, APPLE, OTHER), "address-dead"),
    ("hook-postmark", 5, (GOOGLE, APPLE), "address-dead"),
    ("hook-mailgun", 5, (GOOGLE, APPLE), "address-dead"),
    ("complains", 10, (OUTLOOK, YAHOO), "complaint"),
    ("full", 10, (OUTLOOK, YAHOO, APPLE), None),
    ("late-full", 10, (GOOGLE, OTHER), None),
    ("late-blocked", 10, (GOOGLE, OUTLOOK, OTHER), None),
    ("away", 10, (GOOGLE, YAHOO), None),
    ("reader", 870, (GOOGLE, GOOGLE, OUTLOOK, YAHOO, APPLE, OTHER), None),
]
WORLD = """
dns: 0
http: 0
smtp: 0
twins:
  - {{provider: gmail, address: 127.0.23.1, settings: {{startVolume: 0, unknownPercent: 0, connections: 50}}}}
  - {{provider: outlook, address: 127.0.23.2, settings: {{startVolume: 0, unknownPercent: 0, connections: 50}}}}
  - {{provider: yahoo, address: 127.0.23.3, settings: {{startVolume: 0, unknownPercent: 0, connections: 50}}}}
  - {{provider: apple, address: 127.0.23.4, settings: {{startVolume: 0, unknownPercent: 0, connections: 50}}}}
  - {{provider: postfix, address: 127.0.23.5, domains: [example.net, example.org], settings: {{greylistSeconds: 0}}}}
returns: {{port: {port}, complaints: complaints@example.org}}
records:
  - {{name: example.org, type: A, value: 127.0.0.1}}
  - {{name: example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}}
  - {{name: bounces.example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}}
"""
KEY, LOGIN = "mailgun-key", "postmark:secret"


def addresses(count):
    """Who is written to: (way, address), mixed."""
    found = []
    for name, share, domains, _ in WAYS:
        found += [(name, f"{name}-{n}@{domains[n % len(domains)]}") for n in range(count * share // 1000)]
    return sorted(found, key=lambda pair: hashlib.sha256(pair[1].encode()).digest())


class Gate:
    def __init__(self, program, folder, returns, twins):
        self.program, self.data, self.port, self.http = program, folder / "gate", next(PORTS), next(PORTS)
        self.run("init", "--domain", "example.org", "--host-name", "gate.example.org")
        (self.data / "secrets/mailgun").write_text(KEY)
        (self.data / "secrets/postmark").write_text(LOGIN)
        for file in ("mailgun", "postmark"):
            (self.data / "secrets" / file).chmod(0o600)
        self.run("routes", "add", "world", "--mx", "--allow-special-addresses")
        self.run("connectors", "add", "news", "--ip", "127.0.0.1", "--plaintext", "--any-sender", "--class", "campaign")
        # One in twelve bounces here, more than any sender may have: what is looked at is the list, not the stop.
        self.run("suppressions", "policy", "set", "--hard-bounces", "0,0,0", "--complaints", "0,0,0")
        settings = {
            "submission.port": self.port, "submission.tls-port": 0, "http.port": self.http, "delivery.resolver": f"127.0.0.1@{twins['dnsPort']}",
            "delivery.port": twins["twins"][0]["port"], "bulk.return-path-domain": "bounces.example.org", "reports.port": returns,
            "reports.complaint-addresses": "complaints@example.org", "reports.complaint-sources": "arf.mail.yahoo.com,outlook.com",
            "reports.mailgun-key": "mailgun", "reports.postmark-login": "postmark", "scan.sender-domain": "false",
            "log.level": "error", "delivery.reports-per-minute": 6000, "delivery.retry": "5s",
        }
        words = [program, "serve", "--data", self.data]
        for name, value in settings.items():
            words += ["--set", f"{name}={value}"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process, seconds=60)

    def run(self, *words):
        return subprocess.run([self.program, *words, "--data", self.data], check=True, capture_output=True, text=True).stdout

    def submit(self, people, clients=8):
        def client(own):
            server = smtplib.SMTP("127.0.0.1", self.port, local_hostname="bench")
            for _, address in own:
                server.sendmail("news@example.org", [address], f"From: news@example.org\r\nTo: <{address}>\r\nSubject: News of May\r\n"
                                f"Message-ID: <{address}>\r\n\r\nHello {address.split('@')[0]}, this is new.\r\n")
            server.quit()
        threads = [threading.Thread(target=client, args=(people[n::clients],)) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def queued(self):
        return json.loads(self.run("ledger", "--json"))["queued"]

    def suppressed(self):
        return {entry["address"]: entry["reason"] for entry in map(json.loads, self.run("suppressions", "export", "--json").splitlines())}

    def hook(self, provider, address):
        url = f"http://127.0.0.1:{self.http}/feedback/{provider}"
        if provider == "postmark":
            body = {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Email": address, "MessageID": address, "ID": hash(address) & 0xFFFFFFF,
                    "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
                    "Details": f"smtp;550 5.1.1 <{address}>: User unknown"}
            headers = {"Authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode()}
        else:
            stamp, token = str(int(time.time())), hashlib.sha256(address.encode()).hexdigest()
            body = {"signature": {"timestamp": stamp, "token": token,
                                  "signature": hmac.new(KEY.encode(), (stamp + token).encode(), hashlib.sha256).hexdigest()},
                    "event-data": {"event": "failed", "severity": "permanent", "recipient": address, "id": token,
                                   "delivery-status": {"code": 550, "message": "5.1.1 User unknown"}, "reason": "bounce"}}
            headers = {}
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
        urllib.request.urlopen(request, timeout=60).read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--addresses", type=int, default=10_000)
    parser.add_argument("--postern", default=ROOT / ".build/release/postern")
    options = parser.parse_args()
    people = addresses(options.addresses)
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as name:
        folder, returns = pathlib.Path(name), next(PORTS)
        (folder / "world.yaml").write_text(WORLD.format(port=returns))
        world = subprocess.Popen([options.postern, "twin", folder / "world.yaml", "--json"], stdout=subprocess.PIPE, text=True)
        gate = None
        try:
            twins = json.loads(world.stdout.readline())
            gate = Gate(options.postern, folder, returns, twins)
            began = time.monotonic()
            gate.submit(people)
            print(f"{len(people)} messages taken in {time.monotonic() - began:.0f} s", flush=True)
            for way, address in people:
                if way.startswith("hook-"):
                    gate.hook(way.removeprefix("hook-"), address)
            expected = {address: reason for way, address in people for name, _, _, reason in WAYS if name == way and reason}
            while (queued := gate.queued()) > 0 or (list_now := gate.suppressed()) != expected:
                if time.monotonic() - began > 900:
                    break
                time.sleep(2)
            print(f"all of it back after {time.monotonic() - began:.0f} s; still queued: {queued}")
            counted = collections.Counter((way, list_now.get(address, "-")) for way, address in people)
            for (way, reason), number in sorted(counted.items()):
                print(f"{way:>14} {number:>6}  {reason}")
            print("as it should be" if list_now == expected else "NOT as it should be")
            return 0 if list_now == expected else 1
        finally:
            for process in (gate.process if gate else None, world):
                if process:
                    process.terminate()
                    process.wait()


if __name__ == "__main__":
    sys.exit(main())
