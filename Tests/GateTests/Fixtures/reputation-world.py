"""Blocklists on loopback: `reputation-world.py FOLDER` serves them with NSD and writes its port to FOLDER/port. SIGUSR1 takes the address off."""
import os, signal, socket, subprocess, sys, time

folder = sys.argv[1]
os.chdir(folder)
LISTED = '8.7.6.5 A 127.0.0.3\n8.7.6.5 TXT "https://check.example/ip/5.6.7.8"\n'
TEST = "2.0.0.127 A 127.0.0.2\n"
ZONES = {
    "zen.spamhaus.org": TEST + LISTED,
    # A public resolver is answered so, whatever it asks.
    "bl.spamcop.net": "* A 127.255.255.254\n",
    # It has nothing at all for resolvers that are not registered.
    "b.barracudacentral.org": "",
    # A zone that somebody else took over.
    "psbl.surriel.com": "* A 127.0.0.2\n",
    "dbl.spamhaus.org": "dbltest.com A 127.0.1.2\nlisted.example A 127.0.1.4\n",
    "multi.surbl.org": "* A 127.0.0.1\n",
    "in-addr.arpa": "8.7.6.5 PTR mx.good.example.\n9.7.6.5 PTR elsewhere.example.\n",
    "example": "mx.good A 5.6.7.8\nmx.bad A 5.6.7.9\nelsewhere A 5.6.7.10\n",
}


def write(zones, serial):
    for name, text in zones.items():
        with open(name + ".zone", "w") as file:
            file.write("$ORIGIN %s.\n$TTL 1\n@ SOA ns x %d 3600 600 86400 1\n@ NS ns\nns A 127.0.0.1\n%s" % (name, serial, text))


write(ZONES, 1)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
with open("nsd.conf", "w") as file:
    file.write(
        'server:\n  ip-address: 127.0.0.1\n  port: %d\n  username: ""\n  zonesdir: "%s"\n  database: ""\n  pidfile: "%s/nsd.pid"\n'
        '  xfrdfile: "%s/xfrd"\n  zonelistfile: "%s/zones"\n  logfile: "%s/nsd.log"\n  server-count: 1\n'
        'remote-control:\n  control-enable: no\n' % ((port,) + (folder,) * 5))
    for name in ZONES:
        file.write("zone:\n  name: %s\n  zonefile: %s.zone\n" % (name, name))
server = subprocess.Popen(["nsd", "-d", "-c", "nsd.conf"], stdout=subprocess.DEVNULL, stderr=open("nsd.err", "w"))


def over(*_):
    # Whoever waits for it below sees it end; waiting here as well would wait for oneself.
    server.terminate()


def delist(*_):
    write({"zen.spamhaus.org": TEST}, 2)
    server.send_signal(signal.SIGHUP)


signal.signal(signal.SIGTERM, over)
signal.signal(signal.SIGUSR1, delist)


def answers():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        asking.sendto(bytes.fromhex("000101000001000000000000") + b"\x07example\x00\x00\x06\x00\x01", ("127.0.0.1", port))
        try:
            return bool(asking.recv(512))
        except OSError:
            return False


while server.poll() is None and not answers():
    time.sleep(0.05)
with open("port.new", "w") as file:
    file.write(str(port))
os.rename("port.new", "port")
server.wait()
