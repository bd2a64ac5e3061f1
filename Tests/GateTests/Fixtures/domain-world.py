"""Domains of all kinds on loopback: `domain-world.py FOLDER` serves them with NSD and writes its port to FOLDER/port."""
import os, signal, socket, subprocess, sys

folder = sys.argv[1]
os.chdir(folder)
text = """$ORIGIN example.
$TTL 60
@ SOA ns.example. x.example. 1 3600 600 86400 60
@ NS ns.example.
ns A 127.0.0.1
good MX 10 mx.good
good A 192.0.2.1
good TXT "v=spf1 ip4:192.0.2.1 include:_spf.good.example mx -all"
_spf.good TXT "v=spf1 ip4:198.51.100.0/24 a:mx.good.example -all"
mx.good A 192.0.2.1
_dmarc.good TXT "v=DMARC1; p=reject; rua=mailto:dmarc@good.example"
_smtp._tls.good TXT "v=TLSRPTv1; rua=mailto:tls@good.example"
far MX 10 mx.good
far TXT "v=spf1 redirect=_spf.good.example"
_dmarc.far TXT "v=DMARC1; p=none; rua=mailto:dmarc@good.example"
below.good MX 10 mx.good
below.good TXT "v=spf1 mx -all"
void MX 10 mx.good
void TXT "v=spf1 a:one.void.example a:two.void.example a:three.void.example -all"
_dmarc.void TXT "v=DMARC1; p=quarantine; rua=mailto:d@void.example"
double MX 10 mx.good
double TXT "v=spf1 mx -all"
double TXT "v=spf1 a -all"
_dmarc.double TXT "v=DMARC1; p=reject; rua=mailto:d@double.example"
_dmarc.double TXT "v=DMARC1; p=none; rua=mailto:d@double.example"
loop MX 10 mx.good
loop TXT "v=spf1 include:loop.example -all"
_dmarc.loop TXT "v=DMARC1; p=none; rua=mailto:d@loop.example"
broken MX 10 mx.good
broken TXT "v=spf1 ipv4:192.0.2.1 -all"
_dmarc.broken TXT "v=DMARC1; p=deny"
old MX 10 mx.good
old TXT "v=spf1 mx ~all"
_dmarc.old TXT "v=DMARC1; p=quarantine; pct=50; rua=mailto:d@old.example"
none MX 10 mx.good
null MX 0 .
null TXT "v=spf1 -all"
_dmarc.null TXT "v=DMARC1; p=reject; rua=mailto:d@null.example"
deep MX 10 mx.good
deep TXT "v=spf1 include:i1.deep.example -all"
_dmarc.deep TXT "v=DMARC1; p=none; rua=mailto:d@deep.example"
"""
for number in range(1, 11):
    text += 'i%d.deep TXT "v=spf1 include:i%d.deep.example -all"\n' % (number, number + 1)
text += 'i11.deep TXT "v=spf1 ip4:192.0.2.9 -all"\n'
open("example.zone", "w").write(text)

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
open("nsd.conf", "w").write(
    'server:\n  ip-address: 127.0.0.1\n  port: %d\n  username: ""\n  zonesdir: "%s"\n  database: ""\n  pidfile: "%s/nsd.pid"\n'
    '  xfrdfile: "%s/xfrd"\n  zonelistfile: "%s/zones"\n  logfile: "%s/nsd.log"\n  server-count: 1\n'
    'remote-control:\n  control-enable: no\nzone:\n  name: example\n  zonefile: example.zone\n' % ((port,) + (folder,) * 5))
server = subprocess.Popen(["nsd", "-d", "-c", "nsd.conf"], stdout=subprocess.DEVNULL, stderr=open("nsd.err", "w"))


def over(*_):
    # Whoever waits for it below sees it end; waiting here as well would wait for oneself.
    server.terminate()


signal.signal(signal.SIGTERM, over)


def answers():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        asking.sendto(bytes.fromhex("000101000001000000000000") + b"\x07example\x00\x00\x06\x00\x01", ("127.0.0.1", port))
        try:
            return bool(asking.recv(512))
        except OSError:
            return False


while not answers():
    if server.poll() is not None:
        sys.exit(open("nsd.err").read() + open("nsd.log").read())
open("port.new", "w").write(str(port))
os.rename("port.new", "port")
server.wait()
