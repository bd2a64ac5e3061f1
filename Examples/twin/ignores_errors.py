#!/usr/bin/env python3
"""An application that ignores its errors, against a twin of Exchange Online whose clock runs 60 times as fast.

    python3 Examples/twin/ignores_errors.py [POSTERN]
"""
import json, smtplib, ssl, subprocess, sys, time

program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/postern"
twin = subprocess.Popen(
    [program, "twin", "exchange-online", "--port", "0", "--clock", "60x", "--json", "--set", "throttleSeconds=300"],
    stdout=subprocess.PIPE, text=True)
ready = json.loads(twin.stdout.readline())


def send(sender):
    try:
        with smtplib.SMTP(ready["host"], ready["smtpPort"]) as client:
            client.starttls(context=ssl._create_unverified_context())  # the twin's certificate is its own
            client.login("app@contoso.test", "twin")
            client.sendmail(sender, ["customer@example.com"], f"From: {sender}\r\nSubject: receipt\r\n\r\nThank you.\r\n")
        return "250 taken"
    except smtplib.SMTPResponseException as error:
        return f"{error.smtp_code} {error.smtp_error.decode()}"[:90]


try:
    print("right sender:          ", send("app@contoso.test"))
    for attempt in range(1, 13):
        print(f"as ceo, attempt {attempt:2}:    ", send("ceo@contoso.test"))
    print("right sender, too:     ", send("app@contoso.test"))
    print("… five minutes of the twin's time pass, five seconds of ours …")
    time.sleep(5.5)
    print("right sender, again:   ", send("app@contoso.test"))
finally:
    twin.terminate()
    sys.exit(twin.wait())
