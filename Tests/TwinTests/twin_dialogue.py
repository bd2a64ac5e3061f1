"""Runs a dialogue file against the twin with Python's own smtplib. Prints what differs; ends with 1 where something does."""
import base64, json, smtplib, ssl, sys, time, urllib.parse, urllib.request

smtp_port, http_port, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
connections, token, wrong = {}, "", 0


def http(method, place, value=None):
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{http_port}{place}", body, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def connection(name):
    if name not in connections:
        # `name@address`: a client that connects from that address.
        source = name.partition("@")[2] or "127.0.0.1"
        client = smtplib.SMTP("127.0.0.1", smtp_port, source_address=(source, 0))
        client.starttls(context=ssl._create_unverified_context())
        client.ehlo()
        connections[name] = client
    return connections[name]


def reply(code, text):
    return f"{code} {text.decode()}"


def recipients(text):
    domain, star, count = text.partition("*")
    return [f"r{n}@{domain}" for n in range(int(count))] if star else text.split(",")


def message(words, options):
    text = f"From: {words[1]}\r\nSubject: {options.get('subject', 'test')}\r\n"
    if "forwarded" in words:
        text += f"X-MS-Exchange-Inbox-Rules-Loop: {words[1]}\r\n"
    text += "\r\nhello\r\n"
    if "spam" in words:
        text += "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-" + "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
    return text + "".join(f"https://example.com/{n}\r\n" for n in range(int(options.get("links", 0))))


def send(words, options):
    try:
        connection(words[0]).sendmail(words[1], recipients(words[2]), message(words, options))
    except smtplib.SMTPResponseException as error:
        return reply(error.smtp_code, error.smtp_error)
    # smtplib keeps the 250 of the data to itself; the twin keeps the message.
    newest = json.loads(http("GET", "/v1/trace"))[0]["messageTraceId"]
    return f"250 2.0.0 OK <{newest}@"


def sign_in(words):
    try:
        return reply(*connection(words[0]).login(words[1], words[2]))
    except smtplib.SMTPResponseException as error:
        return reply(error.smtp_code, error.smtp_error)


def with_token(words):
    global token
    if words[2] == "wrong":
        token = "guessed"
    elif words[2] == "right":
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "twin", "client_secret": "twin",
                                       "scope": "https://outlook.office365.com/.default"}).encode()
        url = f"http://127.0.0.1:{http_port}/contoso.test/oauth2/v2.0/token"
        with urllib.request.urlopen(urllib.request.Request(url, form)) as answer:
            token = json.load(answer)["access_token"]
    blob = f"user={words[1]}\x01auth=Bearer {token}\x01\x01"
    return reply(*connection(words[0]).docmd("AUTH", "XOAUTH2 " + base64.b64encode(blob.encode()).decode()))


def value(text):
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


def signed_in():
    return sum(mailbox["connections"] for mailbox in json.loads(http("GET", "/v1/state"))["mailboxes"])


def perform(verb, words, options):
    if verb == "sign-in":
        return sign_in(words)
    if verb == "token":
        return with_token(words)
    if verb == "mail":
        answer = reply(*connection(words[0]).mail(words[1]))
        connection(words[0]).rset()
        return answer
    if verb == "send":
        return send(words, options)
    if verb == "close":
        before = signed_in()
        connections.pop(words[0]).quit()
        # The answer to QUIT comes before the server has seen the end of the connection.
        deadline = time.monotonic() + 60
        while signed_in() >= before and time.monotonic() < deadline:
            pass
    elif verb == "clock":
        http("POST", "/v1/clock", {"seconds": int(words[0])})
    elif verb == "set":
        http("PATCH", "/v1/settings", {name: int(text) for name, text in options.items()})
    elif verb == "policy":
        http("PATCH", "/v1/policy", {"externalPerHour": 0, "internalPerHour": 0, "recipientsPerDay": 0}
             | {name: value(text) for name, text in options.items()})
    elif verb == "mailbox":
        http("PATCH", "/v1/mailboxes/" + words[0], {name: value(text) for name, text in options.items()})
    elif verb == "tenant":
        lists = {name: [text] for name, text in options.items() if "@" not in name}
        connectors = [{"address": name, "networks": [text]} for name, text in options.items() if "@" in name]
        http("PATCH", "/v1/tenant", lists | ({"connectors": connectors} if connectors else {}))
    elif verb == "release":
        http("POST", "/v1/release/" + words[0])
    else:
        look(verb, words)
    return ""


def look(verb, words):
    messages = json.loads(http("GET", "/v1/messages?limit=100"))
    if verb == "alert":
        assert " ".join(words) in [alert["name"] for alert in json.loads(http("GET", "/v1/state"))["alerts"]], words
    elif verb == "pool":
        assert messages[0]["pool"] == words[0], messages[0]
    elif verb == "waiting":
        assert sum(not message["left"] for message in messages) == int(words[0]), messages
    elif verb == "report":
        report = http("GET", "/v1/messages/" + [m["id"] for m in messages if m["recipients"] == [words[0]] and not m["sender"]][0])
        assert "\n" + " ".join(words[1:]) + "\r\n" in report.replace("\r\n", "\n").replace("\n", "\r\n\n"), report
    else:
        raise ValueError(verb)


def fits(answer, expected):
    return answer.startswith(expected[:-1]) if expected.endswith("*") else answer == expected


with open(path) as file:
    for number, line in enumerate(file, 1):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        done, arrow, expected = line.partition(" => ")
        verb, *words = done.split(" ")
        options = dict(word.split("=", 1) for word in words if "=" in word)
        for _ in range(int(options.get("times", 1))):
            answer = perform(verb, words, options)
            if arrow and not fits(answer, expected):
                wrong = 1
                print(f"{path}:{number}: {answer}")
sys.exit(wrong)
