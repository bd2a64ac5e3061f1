#!/usr/bin/env python3
"""Runs Postern and Postfix on the same work on this machine, and prints a table.

    bench/compare.py [--dkim] [--tls-auth] [--tls-out] [--shaping] [--messages 10000] [--sessions 50] [--rounds 3] [--peers postern,postfix] [--json FILE]
    bench/compare.py --peers postern,postern-postgresql,postfix

The work: 4 KiB messages go to the peer, which relays them to smtp-sink, all on loopback. Two ways: a connection for each message, and kept
connections. Peers take turns, each starts with an empty queue. Both sync to disk before they say 250.

The peer postern-limits has every limit on, none of them met; postfix-postfwd asks postfwd, which holds one limit for each
sender. The peer postern-scan scans every message; postfix-rspamd has rspamd as a milter (Debian: rspamd). The peer postern-postgresql has its store in a PostgreSQL of its own, whose processor time and memory count with it.

--dkim      The mail is signed: by Postern itself with RSA-2048 and Ed25519; for Postfix by OpenDKIM, as a milter, with RSA-2048.
--tls-auth  Submission as programs do it: STARTTLS and AUTH PLAIN, by load.c (without it, by smtp-source). Postern keeps a hash of the
            password (scrypt), Postfix the password itself (Cyrus SASL's sasldb).
--tls-out   The way out is encrypted too, to sink.c, a sink with STARTTLS. The certificate is not verified, as between mail servers.
--shaping   A shaping policy covers the way out of Postern: connections, messages a minute, recipients a day, none of them met.

Reported, as the median of the rounds: messages per second until smtp-sink has the last one, processor seconds per 1,000 messages (all of
the peer's processes, OpenDKIM's with Postfix's), peak memory (PSS) in MiB, and what other programs took meanwhile, in cores: where that is
more than a few hundredths, the figures are not worth quoting. Quote ratios from one run; absolute figures change from machine to machine.

Needs root, Debian's packages postfix (and opendkim, sasl2-bin, gcc, libssl-dev for the options), and a release build. Nothing is left
running.
"""
import argparse, json, pathlib, statistics, sys, tempfile, time
from peers import ACCOUNT, PEERS, Work
from rig import CORES, PORTS, Group, SigningInLoad, Sink, TLSSink, busy_seconds, finish, memory_mib, need, source


def one_run(peer, kept, options, load):
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as name:
        group, tools = Group(peer), Group("tools")
        sink = TLSSink(tools) if options.tls_out else Sink(tools)
        try:
            work = Work(port=next(PORTS), sink_port=sink.port, signs=options.dkim, signs_in=options.tls_auth,
                        encrypts=options.tls_out, shapes=options.shaping)
            PEERS[peer](pathlib.Path(name), group).start(work)
            time.sleep(1)
            return {"peer": peer, "kept": kept} | measure(group, tools, sink, work, load, kept, options)
        finally:
            group.end()
            sink.end()
            tools.end()


def measure(group, tools, sink, work, load, kept, options):
    used, tools_used, busy, start = group.seconds(), tools.seconds(), busy_seconds(), time.monotonic()
    process = load(tools, work.port, options.messages, options.sessions, kept)
    peak, sample_at, accepted_at = 0.0, start + 0.5, None
    while sink.count < options.messages and time.monotonic() - start < options.limit:
        if accepted_at is None and process.poll() is not None:
            accepted_at = time.monotonic()
            said = finish(process)
        if time.monotonic() >= sample_at:
            peak, sample_at = max(peak, memory_mib(group.processes())), time.monotonic() + 0.5
        time.sleep(0.01)
    took = time.monotonic() - start
    if sink.count < options.messages:
        sys.exit(f"only {sink.count} of {options.messages} messages arrived within {options.limit} s")
    if accepted_at is None:
        accepted_at, said = time.monotonic(), finish(process)
    peak = max(peak, memory_mib(group.processes()))
    used, tools_used, busy = group.seconds() - used, tools.seconds() - tools_used, busy_seconds() - busy
    return {"rate": options.messages / took, "accept_rate": options.messages / (accepted_at - start),
            "cpu": 1000 * used / options.messages, "tools_cpu": 1000 * tools_used / options.messages, "peak": peak,
            "others": max(0.0, busy - used - tools_used) / took, "load": said}


def print_table(runs, peers):
    def median(peer, kept, key):
        return statistics.median([run[key] for run in runs if run["peer"] == peer and run["kept"] == kept] or [0])

    print(f"{'peer':18} {'connections':11} {'messages/s':>10} {'CPU s/1,000':>11} {'peak MiB':>8} {'others, cores':>13} "
          f"{'x rate':>7} {'x CPU':>7}")
    for kept in (False, True):
        base = {key: median("postfix", kept, key) for key in ("rate", "cpu")}
        for peer in peers:
            rate, cpu = median(peer, kept, "rate"), median(peer, kept, "cpu")
            ratios = f"{rate / base['rate']:7.2f} {cpu / base['cpu']:7.3f}" if base["rate"] and base["cpu"] else ""
            print(f"{peer:18} {'kept' if kept else 'new each':11} {rate:10.0f} {cpu:11.3f} {median(peer, kept, 'peak'):8.0f} "
                  f"{median(peer, kept, 'others'):13.2f} {ratios}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="postern,postfix")
    parser.add_argument("--dkim", action="store_true", help="the mail is signed")
    parser.add_argument("--tls-auth", action="store_true", help="STARTTLS and AUTH PLAIN")
    parser.add_argument("--tls-out", action="store_true", help="STARTTLS on the way out")
    parser.add_argument("--shaping", action="store_true", help="a shaping policy covers the way out")
    parser.add_argument("--limit", type=float, default=240, help="seconds for one run")
    parser.add_argument("--json", help="also append each run to this file, one object a line")
    options = parser.parse_args()
    peers = options.peers.split(",")
    need("smtp-source", "smtp-sink", *(["postfix"] if "postfix" in peers else []),
         *(["postfix", "postfwd2"] if "postfix-postfwd" in peers else []))
    if "postfix" in peers:
        need("openssl", *(["opendkim"] if options.dkim else []), *(["saslpasswd2"] if options.tls_auth else []))
    if options.tls_out:
        need("cc", "openssl")
    load = source
    if options.tls_auth:
        need("cc")
        load = SigningInLoad(ACCOUNT).start
    runs = []
    for number in range(options.rounds):
        for peer in peers:
            for kept in (False, True):
                run = one_run(peer, kept, options, load)
                runs.append(run)
                print(f"round {number + 1}: {peer}, {'kept' if kept else 'new each'}: {run['rate']:.0f}/s", file=sys.stderr)
                if options.json:
                    with open(options.json, "a") as file:
                        line = {"round": number + 1, "messages": options.messages, "sessions": options.sessions, "dkim": options.dkim,
                                "tls_auth": options.tls_auth, "tls_out": options.tls_out, "shaping": options.shaping, "cores": CORES}
                        file.write(json.dumps(line | run) + "\n")
    print_table(runs, peers)


if __name__ == "__main__":
    main()
