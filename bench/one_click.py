#!/usr/bin/env python3
"""One-click unsubscribe (RFC 8058), as mail providers send it: how many a second, and that nothing else changes anything.

    bench/one_click.py [--people 6000] [--connections 64] [--postern PATH]

A campaign is sent to so many people through a receiver of this script, which takes the addresses out of List-Unsubscribe. Half of them get
the urlencoded body, half the multipart one, without cookie or User-Agent; after that each is looked for on the list. Forged tokens and GET
come first, and must change nothing. Ends with 1 where fewer than 1,000 a second were taken, or somebody is left who should not be. Needs a
release build. Nothing is left running.
"""
import argparse, asyncio, json, pathlib, re, socketserver, subprocess, sys, tempfile, threading, time
from rig import PORTS, ROOT, command, wait_for_port

FORM = ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click")
PARTS = ("multipart/form-data; boundary=ZZ",
         b'--ZZ\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--ZZ--\r\n')
LINK = re.compile(rb"<https://mail\.example\.org(/u/[^>]+)>")


class Receiver(socketserver.ThreadingTCPServer):
    """Takes everything; keeps the addresses to unsubscribe at."""
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 256

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Conversation)
        self.links = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.wfile.write(b"220 receiver ESMTP\r\n")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    self.wfile.write(b"250-receiver\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
                elif verb == b"DATA":
                    self.wfile.write(b"354 Go on\r\n")
                    text = b""
                    while (line := self.rfile.readline()) not in (b".\r\n", b""):
                        text += line
                    if found := LINK.search(text.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")):
                        self.server.links.append(found.group(1).decode())
                    self.wfile.write(b"250 Taken\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 Bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 OK\r\n")
        except OSError:
            pass


class Gate:
    def __init__(self, program, folder, receiver):
        self.program, self.data, self.http = program, folder / "gate", next(PORTS)
        self.run("init", "--domain", "example.org", "--host-name", "gate.example.org")
        self.run("dkim", "add", "example.org", "--selector", "s1")
        self.run("routes", "add", "receiver", "--smarthost", f"127.0.0.1:{receiver}", "--tls", "none")
        settings = {"submission.port": next(PORTS), "submission.tls-port": 0, "http.port": self.http, "scan.sender-domain": "false",
                    "bulk.return-path-domain": "bounces.example.org", "bulk.feedback-sender-id": "Northwind1", "log.level": "error",
                    "campaigns.public-url": "https://mail.example.org"}
        words = [program, "serve", "--data", self.data]
        for name, value in settings.items():
            words += ["--set", f"{name}={value}"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        wait_for_port(self.http, self.process, seconds=60)

    def run(self, *words):
        return command(self.program, self.data, *words)

    def one(self, *words):
        return json.loads(self.run(*words, "--json").splitlines()[0])

    def send(self, folder, people):
        file, text = folder / "people.csv", folder / "text.md"
        file.write_text("email,name\n" + "".join(f"p{n}@d{n % 50}.test,P{n}\n" for n in range(people)))
        text.write_text("# News\n\nDear {{name|reader}}, here is the news of May, as you asked for it.\n")
        self.run("lists", "import", file, "--list", "news", "--source", "sign-up")
        while self.one("lists", "domains", "news")["open"]:
            time.sleep(0.5)
        self.run("campaign", "create", "spring", "--list", "news", "--from", "News <news@example.org>", "--subject", "News of May",
                 "--content", text, "--postal", "1 Main Street\\nTown", "--canary", "50", "--canary-wait", "0")
        amber = [line["code"] for line in self.one("campaign", "check", "spring")["lines"] if line["level"] == "amber"]
        self.run("campaign", "check", "spring", *(word for code in amber for word in ("--accept", code)))
        self.run("campaign", "pilot", "spring", "--to", "boss@example.net")
        while self.one("campaign", "report", "spring")["pilot"]["delivered"] != 1:
            time.sleep(0.2)
        self.run("campaign", "start", "spring")
        while self.one("campaign", "report", "spring")["state"] != "done":
            time.sleep(0.5)

    def subscribed(self):
        return self.one("lists", "show", "news")["subscribed"]


async def ask(port, requests, connections):
    """Returns the head of each answer, and the seconds that all took."""
    waiting, heads = list(reversed(requests)), []

    async def client():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            writer.write(waiting.pop())
            head = await reader.readuntil(b"\r\n\r\n")
            size = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(size.group(1)) if size else 0)
            heads.append(head)
        writer.close()

    began = time.monotonic()
    await asyncio.gather(*(client() for _ in range(connections)))
    return heads, time.monotonic() - began


def request(path, kind=None):
    if kind is None:
        return f"GET {path} HTTP/1.1\r\nHost: mail.example.org\r\n\r\n".encode()
    return f"POST {path} HTTP/1.1\r\nHost: mail.example.org\r\nContent-Type: {kind[0]}\r\nContent-Length: {len(kind[1])}\r\n\r\n".encode() + kind[1]


def forged(path):
    """One character of the code at the end is another."""
    return path[:-5] + ("A" if path[-5] != "A" else "B") + path[-4:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--postern", default=ROOT / ".build/release/postern")
    options = parser.parse_args()
    wrong = []

    def expect(is_so, text):
        print(f"{'ok   ' if is_so else 'WRONG'} {text}", flush=True)
        if not is_so:
            wrong.append(text)

    with tempfile.TemporaryDirectory(prefix="postern-bench-") as name:
        folder, port = pathlib.Path(name), next(PORTS)
        receiver = Receiver(port)
        gate = Gate(options.postern, folder, port)
        try:
            gate.send(folder, options.people)
            links = sorted(set(receiver.links))
            expect(len(links) == options.people + 1, f"{len(links)} addresses to unsubscribe at")
            before = gate.subscribed()
            heads, seconds = asyncio.run(ask(gate.http, [request(forged(link), FORM) for link in links], options.connections))
            expect(all(b" 404 " in head.split(b"\r\n")[0] for head in heads), f"{len(heads)} forged tokens refused, {len(heads) / seconds:,.0f} a second")
            heads, seconds = asyncio.run(ask(gate.http, [request(link) for link in links], options.connections))
            expect(all(b" 200 " in head.split(b"\r\n")[0] for head in heads), f"{len(heads)} pages shown, {len(heads) / seconds:,.0f} a second")
            expect(gate.subscribed() == before, "neither changed anything")
            posts = [request(link, (FORM, PARTS)[n % 2]) for n, link in enumerate(links)]
            heads, seconds = asyncio.run(ask(gate.http, posts, options.connections))
            rate = len(heads) / seconds
            expect(all(b" 200 " in head.split(b"\r\n")[0] for head in heads), f"{len(heads)} taken, half urlencoded, half multipart")
            names = {line.split(b":")[0].lower() for head in heads for line in head.split(b"\r\n")[1:]}
            expect(not names & {b"set-cookie", b"location"}, "no cookie, no redirect")
            expect(gate.subscribed() == 0, "nobody is on the list")
            expect(rate >= 1000, f"{rate:,.0f} a second")
        finally:
            gate.process.terminate()
            gate.process.wait()
            receiver.shutdown()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
