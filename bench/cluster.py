#!/usr/bin/env python3
"""Breaks a cluster under load, and accounts for every recipient: three nodes, PostgreSQL and its streaming replica (each commit waits for
it), every one in a network namespace of its own, and a receiver that counts who arrives.

    bench/cluster.py [--seed 1] [--faults 12] [--lease 5s] [--program .build/release/postern]

Faults, in an order that the seed says: `kill -9` of a node, which starts again or stays dead until others have taken over; a node's link
cut until then (`ip link set down`); the database stopped by an administrator, and crashed; and once, in the middle, the primary's host lost
(its link down for good) and the replica promoted: the nodes' URL names both.

It ends with 0 where everybody who was answered 250 has arrived, the ledger balances and agrees with a recount, each recipient was settled
once, and whoever arrived twice had arrived before from a node that had not settled it at a fault. Needs root, PostgreSQL, iproute2. Nothing
is left behind.
"""
import argparse, collections, json, os, pathlib, random, signal, subprocess, sys, tempfile
from mail_world import Clients, Sink
from hosts import WORLD, Host, Network, Server, eventually, sh

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Node:
    def __init__(self, number, folder, program, databases, lease, first):
        self.name = f"node{number}.example.org"
        self.host, self.data, self.program, self.lease = Host(f"node{number}", 10 + number), folder / f"node{number}", program, lease
        hosts = ",".join(server.host.address for server in databases)
        url = f"postgresql://nobody@{hosts}/postgres?sslmode=disable&connect_timeout=2&application_name=node{number}"
        self.run("init", "--storage", url, "--host-name", self.name, "--domain", "example.org",
                 *(["--master-key", first.data / "secrets/master.key"] if first else []))

    def run(self, *words):
        return sh(*self.host.words(self.program, *words, "--data", self.data)).stdout

    def start(self):
        settings = [f"node.lease={self.lease}", f"submission.address={self.host.address}", "submission.port=587", "submission.tls-port=0",
                    "http.port=0", "delivery.retry=1s", "storage.commit-timeout=5s", "log.level=notice"]
        words = self.host.words(self.program, "serve", "--data", self.data, *[word for setting in settings for word in ("--set", setting)])
        with open(self.data / "serve.err", "ab") as errors:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors)
        for line in self.process.stdout:
            if line.startswith(b"ready "):
                return
        sys.exit(f"{self.name} did not start: see {self.data}/serve.err")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Walk:
    def __init__(self, nodes, primary, replica, sink, clients, seed):
        self.nodes, self.database, self.replica, self.sink, self.clients = nodes, primary, replica, sink, clients
        self.random, self.standby, self.may_repeat = random.Random(seed), "replica", set()

    def run(self, count):
        kinds = [self.kill, self.death, self.cut, self.restart, self.crash]
        faults = [self.random.choice(kinds) for _ in range(count)]
        faults[:len(kinds)] = self.random.sample(kinds, len(kinds))
        faults.insert(len(faults) // 2, self.failover)
        for fault in faults:
            self.progress(self.random.randint(100, 1000))
            before, node = len(self.may_repeat), self.random.choice(self.nodes)
            fault(node)
            for each in self.nodes:
                count = self.clients.counts[each.name]
                eventually(f"{each.name} takes mail after {fault.__name__}", lambda: self.clients.counts[each.name] > count + 5)
            print(f"{fault.__name__:9} {node.name if fault in (self.kill, self.death, self.cut) else 'database':18} "
                  f"with the receiver and not settled: {len(self.may_repeat) - before}", flush=True)

    def progress(self, count):
        goal = len(self.clients.accepted) + count
        eventually("mail is taken", lambda: len(self.clients.accepted) >= goal)

    def delivered(self):
        return set(self.database.query("SELECT local_part || '@' || host FROM recipient WHERE state = 2"))

    def unsettled(self, nodes, settled):
        """Who has arrived from these nodes and may arrive again, since nobody knows of it."""
        names = {node.name for node in nodes}
        self.may_repeat |= {recipient for node, recipient in self.sink.taken() if node in names} - settled

    def owner(self, node):
        return self.database.query(f"SELECT owner FROM node_run WHERE name = '{node.name}' AND ended_at IS NULL")[0]

    def taken_over(self, owner):
        eventually("others take over", lambda: self.database.count(f"node_run WHERE owner = {owner} AND ended_at IS NULL") == 0)

    def is_quiet(self, node):
        return self.database.count(f"pg_stat_activity WHERE application_name = '{node.name.split('.')[0]}'") == 0

    def kill(self, node, after=lambda owner: None):
        owner = self.owner(node)
        node.kill()
        eventually("what it had under way is over", lambda: self.is_quiet(node))
        self.unsettled([node], self.delivered())
        after(owner)
        node.start()

    def death(self, node):
        self.kill(node, after=self.taken_over)

    def cut(self, node):
        owner = self.owner(node)
        node.host.cut()
        settled = self.delivered()
        self.taken_over(owner)
        node.host.mend()
        self.unsettled([node], settled)

    def restart(self, _, mode="fast"):
        settled = self.delivered()
        self.database.stop(mode)
        self.database.start(self.standby)
        self.unsettled(self.nodes, settled)

    def crash(self, _):
        self.restart(_, mode="immediate")

    def failover(self, _):
        settled = self.delivered()
        self.database.host.cut()
        # Nothing of it may come back: the fencing that a cluster manager does.
        self.database.stop("immediate")
        self.replica.promote()
        self.database, self.standby = self.replica, ""
        self.unsettled(self.nodes, settled)


def check(nodes, walk, clients, sink):
    """Sentences about promises that were not kept."""
    eventually("the queue empties", lambda: walk.database.count("recipient WHERE state = 0") == 0, seconds=300)
    arrivals, delivered = collections.Counter(recipient for _, recipient in sink.taken()), walk.delivered()
    ledgers = [json.loads(node.run("ledger", "--json", "--verify").splitlines()[0]) for node in nodes]
    twice = walk.database.count(
        "(SELECT 1 FROM event WHERE kind = 'delivered' AND COALESCE(findings, '') NOT LIKE '%lease.late%'"
        " GROUP BY day, message, idx HAVING count(*) > 1) AS settled_twice")
    again = {recipient for recipient, count in arrivals.items() if count > 1}
    problems = []
    if lost := set(clients.accepted) - set(arrivals):
        problems.append(f"{len(lost)} lost: {sorted(lost)[:5]}")
    # Under way when its node was cut off, and done when the link was back: the trace says so at the recipient.
    late = set(walk.database.query(
        "SELECT r.local_part || '@' || r.host FROM recipient r JOIN event e USING (day, message, idx, tenant) WHERE e.findings LIKE '%lease.late%'"))
    if unexplained := again - walk.may_repeat - late:
        problems.append(f"{len(unexplained)} arrived again and no fault explains it: {sorted(unexplained)[:5]}")
    if delivered != set(arrivals):
        problems.append(f"the store and the receiver disagree: {sorted(delivered ^ set(arrivals))[:5]}")
    if twice:
        problems.append(f"{twice} were settled twice")
    problems += [f"ledger: {ledger}" for ledger in ledgers if not (ledger["balanced"] and ledger["verified"])]
    print(f"ledger: {json.dumps(ledgers[0])}")
    print(f"{len(clients.accepted)} accepted with 250, {len(clients.turned_away)} told 4xx, {len(clients.unanswered)} not answered; "
          f"{sum(arrivals.values())} arrivals, {sum(arrivals.values()) - len(arrivals)} of them again, {len(again & late)} said late by the trace; "
          f"{len(walk.may_repeat)} were with the receiver and not settled at a fault")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=12)
    parser.add_argument("--lease", default="5s")
    parser.add_argument("--clients", type=int, default=3, help="of each node")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build/release/postern")
    options = parser.parse_args()
    if os.getuid() != 0:
        sys.exit("run it as root: network namespaces want that")
    with tempfile.TemporaryDirectory(prefix="postern-cluster-") as name, Network():
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        primary, replica = (Server(Host(f"db{number}", 20 + number), folder / f"db{number}") for number in (1, 2))
        primary.initialize()
        primary.start()
        replica.copy(primary)
        replica.start()
        primary.stop("fast")
        primary.start("replica")
        sink, nodes = Sink(), []
        for number in (1, 2, 3):
            nodes.append(Node(number, folder, options.program, (primary, replica), options.lease, nodes[0] if nodes else None))
        nodes[0].run("connectors", "add", "world", "--ip", WORLD, "--plaintext", "--any-sender")
        nodes[0].run("routes", "add", "out", "--smarthost", f"{WORLD}:{sink.port}")
        for node in nodes:
            node.start()
        clients = Clients(nodes, options.clients)
        walk = Walk(nodes, primary, replica, sink, clients, options.seed)
        walk.run(options.faults)
        clients.stop()
        problems = check(nodes, walk, clients, sink)
        print("\n".join(problems) or "every promise held")
        sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
