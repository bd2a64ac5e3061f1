#!/usr/bin/env python3
"""Scans the same messages with Postern and with rspamd, in turn, and compares messages per processor second.

    bench/scan.py --postern .build/release/postern --mail ../shared/data/messages

Postern: built-in rules, words (trained with easy-ham-1 and spam-1 where they are there), sketches and near-duplicates. rspamd (Debian:
rspamd): one worker, as packaged, without DNS, Redis and the network; over HTTP on loopback with a kept connection, the processor time of the worker
alone.
"""
import argparse, http.client, json, os, shutil, subprocess, sys, tempfile, time

CONFIG = """
.include "/etc/rspamd/common.conf"
options { pidfile = "%(dir)s/pid"; dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; } filters = "chartable,dkim,regexp"; url_tld = "/usr/share/rspamd/effective_tld_names.dat"; }
logging { type = "file"; filename = "%(dir)s/log"; level = "error"; }
worker "normal" { bind_socket = "127.0.0.1:%(port)d"; count = 1; }
rbl { enabled = false; } surbl { enabled = false; } fuzzy_check { enabled = false; } bayes { enabled = false; }
"""


def seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def workers(parent):
    """The processes below rspamd's main one that scan."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    is_child = int(file.read().rsplit(")", 1)[1].split()[1]) == parent
                with open(f"/proc/{entry}/cmdline") as file:
                    if is_child and "normal" in file.read():
                        found.append(int(entry))
            except OSError:
                pass
    return found


def rspamd(messages, port=21333):
    directory = tempfile.mkdtemp(prefix="postern-rspamd-")
    os.chmod(directory, 0o777)
    path = os.path.join(directory, "rspamd.conf")
    with open(path, "w") as file:
        file.write(CONFIG % {"dir": directory, "port": port})
    process = subprocess.Popen(
        ["rspamd", "-f", "-i", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/ping")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit(f"rspamd does not answer; see {directory}/log")
        scan = lambda body: json.loads(post(port, body))
        for body in messages[:50]:
            scan(body)
        pids = workers(process.pid)
        assert pids, "no worker of rspamd is found"
        before, symbols = sum(map(seconds, pids)), 0
        for body in messages:
            symbols += len(scan(body).get("symbols", {}))
        spent = sum(map(seconds, pids)) - before
        return {"messages": len(messages), "processorSeconds": round(spent, 2),
                "messagesPerProcessorSecond": round(len(messages) / spent), "symbols": symbols}
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(directory, ignore_errors=True)


def post(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/checkv2", body)
    return connection.getresponse().read()


def postern(program, mail, rounds):
    with tempfile.TemporaryDirectory() as data:
        samples = [os.path.join(mail, name) for name in ("easy-ham-1", "spam-1")]
        if all(map(os.path.isdir, samples)):
            subprocess.run([program, "scan", "train", "--ham", samples[0], "--spam", samples[1], "--data", data], check=True,
                           stdout=subprocess.DEVNULL)
        output = subprocess.run([program, "measure", "--scan", mail, "--rounds", str(rounds), "--data", data], check=True,
                                capture_output=True)
    return json.loads(output.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postern", default=".build/release/postern")
    parser.add_argument("--mail", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    messages = []
    for folder, _, names in sorted(os.walk(options.mail)):
        for name in sorted(names):
            with open(os.path.join(folder, name), "rb") as file:
                messages.append(file.read())
    ours = postern(options.postern, options.mail, options.rounds)
    print(json.dumps({"postern": ours}), flush=True)
    if not shutil.which("rspamd"):
        sys.exit("rspamd is not installed")
    theirs = rspamd(messages)
    ratio = ours["messagesPerProcessorSecond"] / theirs["messagesPerProcessorSecond"]
    print(json.dumps({"rspamd": theirs, "times": round(ratio, 1)}))


main()
