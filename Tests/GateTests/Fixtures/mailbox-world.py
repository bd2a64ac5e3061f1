"""A mailbox on loopback: `mailbox-world.py FOLDER` runs Dovecot as an ordinary user and writes its ports to FOLDER/ports: IMAP, IMAPS, POP3S.

The user is `reports`, the password `secret`; FOLDER/roots.pem has the certificate; mail lies in FOLDER/mail as a Maildir.
"""
import grp, os, pwd, signal, socket, subprocess, sys, time

folder = os.path.abspath(sys.argv[1])
os.chdir(folder)
# Dovecot would change its user by itself where it is root; here it is nobody in particular from the start.
user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
group = grp.getgrgid(user.pw_gid).gr_name
for name in ["run", "state", "mail/new", "mail/cur", "mail/tmp", "home"]:
    os.makedirs(name, exist_ok=True)
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "roots.pem", "-days", "2",
     "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


imap, imaps, pop3s = free(), free(), free()
with open("dovecot.conf", "w") as file:
    file.write(f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/roots.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
default_internal_user = {user.pw_name}
default_internal_group = {group}
default_login_user = {user.pw_name}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = 0
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
""")
ordinary = {}
if os.getuid() == 0:
    subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", folder], check=True)
    # The folder above belongs to the test alone.
    os.chmod(os.path.dirname(folder), 0o755)
    ordinary = dict(user=user.pw_uid, group=user.pw_gid, extra_groups=[])
server = subprocess.Popen(
    ["dovecot", "-F", "-c", f"{folder}/dovecot.conf"], stdout=open("dovecot.out", "w"), stderr=subprocess.STDOUT, **ordinary)


def over(*_):
    # Whoever waits for it below sees it end; waiting here as well would wait for oneself.
    server.terminate()


signal.signal(signal.SIGTERM, over)


def answers():
    try:
        with socket.create_connection(("127.0.0.1", imap), timeout=1) as asking:
            return asking.recv(4) == b"* OK"
    except OSError:
        return False


while not answers():
    if server.poll() is not None:
        sys.exit(open("dovecot.out").read())
    time.sleep(0.05)
with open("ports.new", "w") as file:
    file.write(f"{imap} {imaps} {pop3s}")
os.rename("ports.new", "ports")
server.wait()
