import hashlib, http.server, os, signal, socket, socketserver, ssl, subprocess, sys, threading

folder = sys.argv[1]
os.chdir(folder)
lock = threading.Lock()

def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

def told(name, usual):
    try:
        return open(name).read()
    except FileNotFoundError:
        return usual

def note(name, text):
    with lock, open(name, "a") as file:
        file.write(text + "\n")

def authority(name):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
        "/CN=" + name, "-keyout", name + ".key", "-out", name + ".pem", "-addext", "basicConstraints=critical,CA:true")

def certificate(name, hosts, days="30", by="ca"):
    open(name + ".ext", "w").write("subjectAltName=" + ",".join("DNS:" + host for host in hosts) + "\n")
    run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
        "-keyout", name + ".key", "-out", name + ".csr")
    if by:
        signed = ["-CA", by + ".pem", "-CAkey", by + ".key", "-CAcreateserial"]
    else:
        signed = ["-signkey", name + ".key"]
    run("openssl", "x509", "-req", "-in", name + ".csr", "-days", days, "-extfile", name + ".ext", "-out", name + ".pem", *signed)
    if by:
        open(name + ".pem", "a").write(open(by + ".pem").read())

def digest(name, what):
    if what == "key":
        octets = subprocess.run(["openssl", "x509", "-in", name + ".pem", "-pubkey", "-noout"], capture_output=True).stdout
        octets = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=octets, capture_output=True).stdout
    else:
        octets = subprocess.run(["openssl", "x509", "-in", name + ".pem", "-outform", "DER"], capture_output=True).stdout
    return hashlib.sha256(octets).hexdigest()

# Each host has an address of loopback of its own; its certificate is what the file `tls-ADDRESS` names, or `good`.
hosts = {"mx.sts.example": "127.0.83.1", "other.sts.example": "127.0.83.2", "mx.dane.example": "127.0.83.3", "ta.dane.example": "127.0.83.4",
         "odd.dane.example": "127.0.83.5", "mx.plain.example": "127.0.83.6", "end.dane.example": "127.0.83.7"}

authority("ca")
authority("unknown")
certificate("good", list(hosts) + ["mta-sts.sts.example"])
certificate("expired", list(hosts), days="-1")
certificate("wrong-name", ["elsewhere.example"])
certificate("self-signed", list(hosts), by=None)
certificate("other-authority", list(hosts), by="unknown")

def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

smtp, https, dns = free(), free(), free()
head = "$ORIGIN %s.\n$TTL 60\n@ SOA ns.%s. x.%s. 1 3600 600 86400 60\n@ NS ns.%s.\nns A 127.0.0.1\n"
port = "_%d._tcp." % smtp

def zone(name, text):
    open(name + ".zone", "w").write(head % (name, name, name, name) + text)

zone("sts.example", "@ MX 10 mx\n_mta-sts TXT \"v=STSv1; id=1;\"\nmta-sts A 127.0.0.1\nmx A 127.0.83.1\nother A 127.0.83.2\n"
     "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@sts.example\"\n")
zone("plain.example", "@ MX 10 mx\nmx A 127.0.83.6\n")
zone("dane.example",
     "@ MX 10 mx\nta MX 10 ta\nodd MX 10 odd\nalias MX 10 begin\ntwo MX 10 mx\ntwo MX 20 end\n"
     + "_smtp._tls TXT \"v=TLSRPTv1; rua=https://mta-sts.sts.example:%d/tlsrpt\"\n" % https +
     "mx A 127.0.83.3\nta A 127.0.83.4\nodd A 127.0.83.5\nend A 127.0.83.7\nbegin CNAME end\n"
     + port + "mx TLSA 3 1 1 " + digest("self-signed", "key") + "\n"
     + port + "ta TLSA 2 0 1 " + digest("unknown", "whole") + "\n"
     + port + "odd TLSA 1 1 1 " + digest("good", "key") + "\n"
     + port + "end TLSA 3 0 1 " + digest("self-signed", "whole") + "\n")
keys = [subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256"] + flag + ["dane.example"], capture_output=True, text=True, check=True).stdout.strip()
        for flag in (["-k"], [])]
run("ldns-signzone", "-n", "dane.example.zone", *keys)
open("anchor", "w").write(open(keys[0] + ".ds").read())
# Under its own anchor, and with signatures that do not fit: the records were changed after they were made.
text = open("dane.example.zone.signed").read()

conf = "server:\n  ip-address: 127.0.0.1\n  port: %d\n  username: \"\"\n  zonesdir: \"%s\"\n  database: \"\"\n  pidfile: \"%s/nsd.pid\"\n  xfrdfile: \"%s/xfrd\"\n  zonelistfile: \"%s/zones\"\n  logfile: \"%s/nsd.log\"\n  server-count: 1\nremote-control:\n  control-enable: no\n" % ((dns,) + (folder,) * 5)
for name, file in (("sts.example", "sts.example.zone"), ("plain.example", "plain.example.zone"), ("dane.example", "dane.example.zone.signed")):
    conf += "zone:\n  name: %s\n  zonefile: %s\n" % (name, file)
open("nsd.conf", "w").write(conf)
server = subprocess.Popen(["nsd", "-d", "-c", "nsd.conf"], stdout=subprocess.DEVNULL, stderr=open("nsd.err", "w"))

class Policies(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        note("fetches", self.headers["Host"] + " " + self.path)
        status = int(told("policy-status", "200"))
        body = told("policy", "version: STSv1\nmode: enforce\nmx: mx.sts.example\nmax_age: 86400\n").encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://mta-sts.sts.example:%d/elsewhere" % https)
        self.send_header("Content-Type", told("policy-type", "text/plain"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        open("posted.new", "wb").write(body)
        os.rename("posted.new", "posted")
        note("posts", "%s %s" % (self.path, self.headers["Content-Type"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

class Receiver(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        try:
            self.talk()
        except (OSError, ssl.SSLError):
            pass

    def talk(self):
        address = self.request.getsockname()[0]
        secure = False
        self.say("220 receiver")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line.split(" ")[0].upper()
            kind = told("tls-" + address, "good")
            if verb == "EHLO":
                more = "" if secure or kind == "none" else "250-STARTTLS\r\n"
                more += "250-REQUIRETLS\r\n" if secure and told("requiretls-" + address, told("requiretls", "")) else ""
                self.say("250-receiver\r\n" + more + "250 8BITMIME")
            elif verb == "STARTTLS":
                self.say("220 go ahead")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(kind + ".pem", kind + ".key")
                self.request = context.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
                secure = True
            elif verb == "DATA":
                self.say("354 go on")
                content = b""
                while (text := self.rfile.readline()).rstrip(b"\r\n") != b".":
                    content += text[1:] if text.startswith(b".") else text
                if b"TLS-Report-Domain:" in content:
                    open("mailed.new", "wb").write(content)
                    os.rename("mailed.new", "mailed")
                note("mails", "%s %s %s" % (address, "tls" if secure else "plain", parameters))
                self.say("250 2.0.0 taken")
                if told("hang-up", ""):
                    return
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                if verb == "MAIL":
                    parameters = line.split(">", 1)[1].strip()
                self.say("250 2.0.0 ok")

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()

for address in hosts.values():
    serve(Server((address, smtp), Receiver))
class Web(http.server.ThreadingHTTPServer):
    daemon_threads = True
    def finish_request(self, request, address):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        kind = told("tls-policy", "good")
        context.load_cert_chain(kind + ".pem", kind + ".key")
        try:
            super().finish_request(context.wrap_socket(request, server_side=True), address)
        except (OSError, ssl.SSLError):
            pass
serve(Web(("127.0.0.1", https), Policies))
open("ports.new", "w").write("%d %d %d" % (smtp, https, dns))
os.rename("ports.new", "ports")
try:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.pause()
finally:
    server.terminate()
    server.wait()
