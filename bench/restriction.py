#!/usr/bin/env python3
"""How long a restriction takes from the node that raised it to another: two gates on one PostgreSQL, all on this machine.

    bench/restriction.py [--rounds 50] [--load 0]

Each round a sender of its own meets its limit on one node, which refuses it there and then; a client of the other node asks with MAIL FROM
for the same sender, again and again, until it is refused there too. What is timed is the way of the news: the restriction's commit, the
notification, the reading of the directory, the decision. --load sends so many messages of others through each node meanwhile.

Prints the median and the longest time from one refusal to the other, in milliseconds, and ends with 1 where one took a second or longer.
Needs root, PostgreSQL, Debian's package postfix and a release build. Nothing is left running.
"""
import argparse, pathlib, smtplib, statistics, sys, tempfile, time
from postgresql import PostgreSQL
from peers import Postern, Work
from rig import PORTS, Group, Sink, need, source, wait_for_port


class Node(Postern):
    def __init__(self, folder, group, database, first=None):
        super().__init__(folder, group)
        self.port = next(PORTS)
        self.run("init", "--domain", "sender.test", "--host-name", f"{folder.name}.sender.test", "--storage", database.url,
                 *(["--master-key", first.data / "secrets/master.key"] if first else []))

    def begin(self):
        wait_for_port(self.port, self.serve(Work(port=self.port, sink_port=0), "log.level=critical"), seconds=60)


def is_refused(client):
    code, text = client.docmd("MAIL FROM:<a@sender.test>")
    if code == 250:
        client.rset()
        return False
    if code != 550 or b"Access denied" not in text:
        sys.exit(f"MAIL FROM was answered {code} {text.decode()}")
    return True


def one_round(first, second, number):
    """The connector is the sender, so that MAIL is enough to ask about it."""
    name = f"round{number}"
    address = f"127.0.1.{number % 250 + 1}"
    first.run("connectors", "add", name, "--ip", address, "--plaintext", "--any-sender")
    giving = smtplib.SMTP("127.0.0.1", first.port, local_hostname="bench", source_address=(address, 0))
    while True:
        asking = smtplib.SMTP("127.0.0.1", second.port, local_hostname="bench", source_address=(address, 0))
        asking.ehlo()
        if asking.docmd("MAIL FROM:<a@sender.test>")[0] == 250:
            asking.rset()
            break
        asking.close()
    try:
        giving.sendmail("a@sender.test", [f"r{n}@dest.test" for n in range(2)], "From: a@sender.test\r\nSubject: x\r\n\r\nx\r\n")
        sys.exit("the limit was not met")
    except smtplib.SMTPDataError as error:
        if error.smtp_code != 550:
            raise
    refused = time.monotonic()
    while not is_refused(asking):
        pass
    took = time.monotonic() - refused
    giving.close()
    asking.close()
    return took * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--load", type=int, default=0)
    options = parser.parse_args()
    need("smtp-sink", "smtp-source")
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as name:
        folder, group, tools = pathlib.Path(name), Group("nodes"), Group("tools")
        sink = Sink(tools)
        try:
            folder.chmod(0o755)
            database = PostgreSQL(folder, group.start)
            first = Node(folder / "one", group, database)
            second = Node(folder / "two", group, database, first)
            first.run("routes", "add", "sink", "--smarthost", f"127.0.0.1:{sink.port}", "--tls", "none")
            first.run("connectors", "add", "load", "--ip", "127.0.0.1", "--plaintext", "--any-sender", "--class", "campaign")
            first.run("policy", "preset", "standard")
            first.run("policy", "set", "default", "--external-per-hour", "1", "--action", "restrict")
            for node in (first, second):
                node.begin()
            loads = [source(tools, node.port, options.load, 10, True) for node in (first, second) if options.load]
            times = [one_round(first, second, number) for number in range(options.rounds)]
            for load in loads:
                load.kill()
            print(f"{len(times)} restrictions: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")
            return 0 if max(times) < 1000 else 1
        finally:
            group.end()
            sink.end()
            tools.end()


if __name__ == "__main__":
    sys.exit(main())
