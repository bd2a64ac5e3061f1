#!/usr/bin/env python3
"""How many reports a second the gate takes in, and whether submission is slowed by it.

    bench/reports.py [--reports 10000] [--postern PATH]

Bulk mail goes through the gate into a sink that notes its return paths. Then reports (RFC 3464) for those return paths are sent to the
listener as fast as it takes them; and 500 messages a second are submitted, alone and beside 500 reports a second. Printed are the rates,
how long a message took to be taken, and how many addresses are suppressed afterwards. Ends with 1 where fewer than 500 reports a second
were taken, or one is missing. Needs a release build. Nothing is left running.
"""
import argparse, pathlib, socket, subprocess, sys, tempfile, threading, time
from rig import PORTS, ROOT, wait_for_port

LOAD = 500


class Sink:
    """Takes everything and keeps the reverse-paths."""

    def __init__(self):
        self.paths, self.lock, self.server = [], threading.Lock(), socket.create_server(("127.0.0.1", next(PORTS)), backlog=200)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            threading.Thread(target=self.serve, args=(self.server.accept()[0],), daemon=True).start()

    def serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(b"220 sink\r\n")
        file, is_data = client.makefile("rb"), False
        for line in file:
            word = line[:4].upper()
            if is_data:
                if line == b".\r\n":
                    is_data = False
                    client.sendall(b"250 2.0.0 taken\r\n")
                continue
            if word == b"EHLO":
                client.sendall(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            elif word == b"MAIL":
                with self.lock:
                    self.paths.append(line.split(b"<")[1].split(b">")[0].decode())
                client.sendall(b"250 ok\r\n")
            elif word == b"DATA":
                is_data = True
                client.sendall(b"354 go\r\n")
            elif word == b"QUIT":
                client.sendall(b"221 bye\r\n")
                return
            else:
                client.sendall(b"250 ok\r\n")


class Client:
    """One connection; a message is MAIL, RCPT and DATA in one write, then the content."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.reply()
        self.socket.sendall(b"EHLO bench\r\n")
        self.reply()

    def reply(self):
        line = self.file.readline()
        while line[3:4] == b"-":
            line = self.file.readline()
        return int(line[:3] or b"0")

    def send(self, sender, recipient, content):
        self.socket.sendall(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode())
        codes = [self.reply() for _ in range(3)]
        if codes != [250, 250, 354]:
            sys.exit(f"{sender} to {recipient}: {codes}")
        self.socket.sendall(content + b"\r\n.\r\n")
        if (code := self.reply()) != 250:
            sys.exit(f"{sender} to {recipient}: {code} to the content")


def report(address):
    return (f"From: mailer-daemon@mx.dest.test\r\nTo: news@sender.test\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\nNobody here by that name.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.dest.test\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            f"Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b--\r\n").encode()


def run(works, clients, make, pace=None):
    """Does each work by one of the clients; `pace`: as many a second, in all. Returns works a second, and the milliseconds of each."""
    began, lock, position, times = time.monotonic(), threading.Lock(), iter(enumerate(works)), []

    def client():
        connection = make()
        while True:
            with lock:
                number, work = next(position, (None, None))
            if work is None:
                return
            if pace and (wait := began + number / pace - time.monotonic()) > 0:
                time.sleep(wait)
            start = time.monotonic()
            connection.send(*work)
            times.append((time.monotonic() - start) * 1000)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(works) / (time.monotonic() - began), sorted(times)


def mail(count, kind):
    return [("news@sender.test", f"{kind}{n}@dest.test", f"From: news@sender.test\r\nSubject: News {n}\r\n\r\nHello {n}\r\n".encode()) for n in range(count)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--postern", default=ROOT / ".build/release/postern")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as name:
        data, port, reports, sink = pathlib.Path(name) / "data", next(PORTS), next(PORTS), Sink()
        postern = lambda *words: subprocess.run([options.postern, *words, "--data", data], check=True, capture_output=True, text=True).stdout
        postern("init", "--domain", "sender.test", "--host-name", "mail.sender.test")
        postern("routes", "add", "sink", "--smarthost", f"127.0.0.1:{sink.port}", "--tls", "none")
        postern("connectors", "add", "news", "--ip", "127.0.0.9", "--plaintext", "--any-sender", "--class", "campaign")
        postern("connectors", "add", "app", "--ip", "127.0.0.1", "--plaintext", "--any-sender")
        postern("suppressions", "policy", "set", "--hard-bounces", "0,0,0")
        settings = {"submission.port": port, "submission.tls-port": 0, "http.port": 0, "reports.port": reports, "log.level": "error",
                    "bulk.return-path-domain": "bounces.sender.test", "scan.mail": "false"}
        gate = subprocess.Popen([options.postern, "serve", "--data", data, *[word for pair in settings.items() for word in ("--set", "%s=%s" % pair)]],
                                stdout=subprocess.DEVNULL)
        try:
            wait_for_port(port, gate, seconds=60)
            run(mail(options.reports, "dead"), 20, lambda: Client(port, "127.0.0.9"))
            while len(sink.paths) < options.reports:
                time.sleep(0.2)
            half = options.reports // 2
            returned = [("", path, report("someone@dest.test")) for path in sink.paths]
            taken, _ = run(returned[:half], 10, lambda: Client(reports))
            submit = lambda kind: run(mail(half, kind), 10, lambda: Client(port), pace=LOAD)
            alone, results = submit("a"), {}
            both = [threading.Thread(target=lambda: results.update(reports=run(returned[half:], 10, lambda: Client(reports), pace=LOAD))),
                    threading.Thread(target=lambda: results.update(submission=submit("b")))]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()
            kept = len(postern("suppressions", "export", "--json").splitlines())
            def words(result):
                rate, times = result
                return f"{rate:.0f} a second, median {times[len(times) // 2]:.1f} ms, 99 of 100 within {times[len(times) * 99 // 100]:.1f} ms"
            print(f"reports as fast as they are taken: {taken:.0f} a second")
            print(f"messages alone:          {words(alone)}")
            print(f"messages beside reports: {words(results['submission'])}")
            print(f"reports beside messages: {words(results['reports'])}")
            print(f"{kept} of {options.reports} addresses stand on the suppression list")
            return 0 if taken >= LOAD and kept == options.reports else 1
        finally:
            gate.terminate()
            gate.wait()


if __name__ == "__main__":
    sys.exit(main())
