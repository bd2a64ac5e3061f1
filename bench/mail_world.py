"""Clients that submit to many nodes, and a receiver that counts who arrives: each recipient has an address of its own."""
import collections, socketserver, smtplib, threading, time
from hosts import WORLD


class Sink(socketserver.ThreadingTCPServer):
    """Takes everything; `arrivals` are pairs of the name in EHLO and the recipient, in their order."""
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 256

    def __init__(self):
        super().__init__((WORLD, 0), Conversation)
        self.lock, self.arrivals = threading.Lock(), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def taken(self):
        with self.lock:
            return list(self.arrivals)


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.converse()
        except OSError:
            pass

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def converse(self):
        self.say("220 sink ESMTP")
        node, recipients = "", []
        while line := self.rfile.readline():
            verb, rest = line[:4].upper(), line[4:].decode().strip()
            if verb == b"EHLO":
                node = rest
                self.say("250-sink\r\n250-PIPELINING\r\n250 8BITMIME")
            elif verb == b"RCPT":
                recipients.append(rest[rest.index("<") + 1:rest.index(">")])
                self.say("250 OK")
            elif verb == b"DATA":
                self.say("354 Go on")
                while (line := self.rfile.readline()) != b".\r\n":
                    if not line:
                        return
                with self.server.lock:
                    self.server.arrivals += [(node, recipient) for recipient in recipients]
                recipients = []
                self.say("250 Taken")
            elif verb == b"QUIT":
                return self.say("221 Bye")
            else:
                if verb in (b"MAIL", b"RSET"):
                    recipients = []
                self.say("250 OK")


class Clients:
    """Submit as fast as they can, come again when a connection breaks, and note what became of each recipient."""

    def __init__(self, nodes, each):
        self.lock, self.is_over = threading.Lock(), threading.Event()
        self.accepted, self.turned_away, self.unanswered = {}, set(), set()
        self.counts = collections.Counter()
        self.threads = [threading.Thread(target=self.run, args=(node, f"{node.name}-{number}"), daemon=True)
                        for node in nodes for number in range(each)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def run(self, node, name):
        number = 0
        while not self.is_over.is_set():
            try:
                with smtplib.SMTP(node.host.address, 587, timeout=60) as client:
                    while not self.is_over.is_set():
                        number += 1
                        self.submit(client, node, f"{name}-{number}@example.net")
            except (OSError, smtplib.SMTPException):
                time.sleep(0.05)

    def submit(self, client, node, recipient):
        text = f"From: a@example.org\r\nTo: {recipient}\r\nSubject: {recipient}\r\n\r\n" + 10 * ("x" * 70 + "\r\n")
        try:
            client.sendmail("a@example.org", [recipient], text)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refusal:
            with self.lock:
                self.turned_away.add(recipient)
            raise OSError from refusal
        except OSError:
            with self.lock:
                self.unanswered.add(recipient)
            raise
        with self.lock:
            self.accepted[recipient] = node.name
            self.counts[node.name] += 1
