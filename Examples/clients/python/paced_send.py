#!/usr/bin/env python3
"""Sends one mail to each row of a CSV file through Postern's HTTP interface: controlled, logged and paced.

    paced_send.py --api http://127.0.0.1:8025 --key-file key --job march-letter --csv people.csv \\
        --from "Registrar <registrar@example.org>" --subject 'Hello $name' --text letter.txt --per-minute 30 --log march.jsonl

The CSV file has a column `email`; each column can stand in subject and text as $column. The log is also the memory: the same command again
goes on where the last one stopped, after a crash too, and nobody gets two: each row has an Idempotency-Key of its own, by which Postern knows
a request that it has had (for 24 hours; what the log has is skipped for ever).

What it does with answers: 429, 503 and connections that fail are tried again, later and later, as long as Retry-After says where it says so.
A row that Postern refuses (400, 404, 409, 413, 422, and 403 for this sender) is logged and not tried again; three of these in a row stop the
run, since a script that repeats an error is what gets a sender throttled. A wrong or forbidden key (401) stops it at once.

Needs Python 3.9 and nothing else. Exit codes: 0 all rows are with Postern, 1 some were refused, 2 wrong usage or files, 3 stopped early.
"""

import argparse
import csv
import email.utils
import hashlib
import json
import os
import random
import string
import sys
import time
import urllib.error
import urllib.request

REFUSALS_IN_A_ROW = 3
WAIT_FIRST, WAIT_LONGEST = 1.0, 300.0


class Stop(Exception):
    """Something that a person has to look at before more is sent."""


def wrong(text):
    """Says what is wrong with the files or the call, before anything is sent."""
    print(text, file=sys.stderr)
    sys.exit(2)


class Log:
    """One JSON object a line, on the disk before the next row begins."""

    def __init__(self, path, job):
        self.job = job
        self.done = {}
        for line in self._lines(path):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # The line that a crash cut off: its row is asked for again, with the same key.
            if entry.get("job") == job and entry.get("result") in ("accepted", "refused"):
                self.done[entry["to"]] = entry["result"]
        self.file = open(path, "a", encoding="utf-8")
        if self.file.tell() and not self._ends_with_newline(path):
            self.file.write("\n")

    @staticmethod
    def _lines(path):
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readlines()

    @staticmethod
    def _ends_with_newline(path):
        with open(path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def write(self, to, result, **more):
        entry = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "job": self.job, "to": to, "result": result, **more}
        self.file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        if result in ("accepted", "refused"):
            self.done[to] = result


def read_rows(path):
    """The rows, each address once; says what is wrong with the file before anything is sent."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if "email" not in (reader.fieldnames or []):
            wrong(f"{path}: there is no column 'email' in the first line")
        rows, seen = [], set()
        for number, row in enumerate(reader, start=2):
            address = (row.get("email") or "").strip()
            if "@" not in address or any(ord(letter) < 33 for letter in address):
                wrong(f"{path}, line {number}: \"{address}\" is no address")
            if address.lower() in seen:
                print(f"{path}, line {number}: {address} is there already; it gets one mail", file=sys.stderr)
                continue
            seen.add(address.lower())
            rows.append({**{name: value or "" for name, value in row.items() if name}, "email": address})
    return rows


def filled(template, row, path):
    try:
        return string.Template(template).substitute(row)
    except (KeyError, ValueError) as error:
        wrong(f"{path}: the template wants {error}, which {row['email']} does not have")


class Sender:
    def __init__(self, options, log):
        self.options, self.log = options, log
        with open(options.key_file, encoding="utf-8") as file:
            self.key = file.read().strip()

    def request(self, row, idempotency):
        body = {"from": self.options.sender, "to": [row["email"]], "subject": filled(self.options.subject, row, "--subject")}
        for field, template in (("text", self.options.text_template), ("html", self.options.html_template)):
            if template is not None:
                body[field] = filled(template, row, f"--{field}")
        return urllib.request.Request(
            self.options.api.rstrip("/") + "/v1/messages", json.dumps(body).encode(), method="POST",
            headers={
                "Authorization": "Bearer " + self.key, "Content-Type": "application/json", "Idempotency-Key": idempotency,
            })

    def send(self, row):
        """Until Postern has taken or refused it. Returns true where it took it."""
        to = row["email"]
        idempotency = hashlib.sha256(f"{self.options.job}\0{to.lower()}".encode()).hexdigest()
        request = self.request(row, idempotency)
        wait = WAIT_FIRST
        for attempt in range(1, self.options.attempts + 1):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    accepted = json.load(answer)
                    replayed = answer.headers.get("Idempotency-Replayed") == "true"
                self.log.write(to, "accepted", id=accepted["id"], attempt=attempt, replayed=replayed)
                return True
            except urllib.error.HTTPError as error:
                status, detail = error.code, problem(error)
                if status == 401:
                    self.log.write(to, "stopped", status=status, detail=detail)
                    raise Stop(f"Postern does not take the key: {detail}") from error
                if status not in (408, 429) and status < 500:
                    self.log.write(to, "refused", status=status, detail=detail, attempt=attempt)
                    return False
                pause = seconds(error.headers.get("Retry-After"), wait)
            except (urllib.error.URLError, OSError, ValueError) as error:
                status, detail, pause = None, str(error), wait
            # A little chance in it, so that many scripts do not come back at one moment.
            pause = pause * random.uniform(1.0, 1.2)
            self.log.write(to, "waiting", status=status, detail=detail, attempt=attempt, seconds=round(pause, 1))
            time.sleep(pause)
            wait = min(wait * 2, WAIT_LONGEST)
        raise Stop(f"{to}: no answer that counts after {self.options.attempts} attempts")


def problem(error):
    """What Postern says of it (RFC 9457)."""
    try:
        fields = json.load(error)
        return fields.get("reply") or fields.get("detail") or fields.get("title") or error.reason
    except ValueError:
        return error.reason


def seconds(text, otherwise):
    try:
        return max(0.0, min(float(text), 3600.0))
    except (TypeError, ValueError):
        return otherwise


def run(options):
    rows = read_rows(options.csv)
    log = Log(options.log, options.job)
    for row in rows:
        # All templates before the first mail: an error in row 900 is seen now.
        filled(options.subject, row, "--subject")
        for field, template in (("text", options.text_template), ("html", options.html_template)):
            if template is not None:
                filled(template, row, f"--{field}")
    waiting = [row for row in rows if row["email"] not in log.done]
    print(f"{len(rows)} rows, {len(rows) - len(waiting)} done before, {len(waiting)} to send", flush=True)
    if options.check:
        return 0
    sender = Sender(options, log)
    gap, next_at, refusals = 60.0 / options.per_minute, time.monotonic(), 0
    for row in waiting:
        time.sleep(max(0.0, next_at - time.monotonic()))
        next_at = max(next_at + gap, time.monotonic())
        refusals = 0 if sender.send(row) else refusals + 1
        if refusals >= REFUSALS_IN_A_ROW:
            raise Stop(f"{refusals} rows in a row were refused; {options.log} says why")
    refused = sum(log.done.get(row["email"]) == "refused" for row in rows)
    print(f"{len(rows) - refused} accepted, {refused} refused", flush=True)
    return 1 if refused else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", 1)[0], epilog="The log names each row; the same command again goes on after it.")
    parser.add_argument("--api", required=True, help="where Postern's HTTP interface is, such as https://mail.example.org:8025")
    parser.add_argument("--key-file", required=True, help="file with the API key (right messages:send) in it")
    parser.add_argument("--job", required=True, help="a name for this mailing; another name sends to everybody again")
    parser.add_argument("--csv", required=True, help="UTF-8, with a column 'email'")
    parser.add_argument("--from", required=True, dest="sender", help='"Name <a@example.org>", which the key may send as')
    parser.add_argument("--subject", required=True, help="$column stands for what the row has; $$ for a $")
    parser.add_argument("--text", help="file with the plain text")
    parser.add_argument("--html", help="file with the HTML; values are put in as they are")
    parser.add_argument("--log", required=True, help="JSON lines; made where it is not there")
    parser.add_argument("--per-minute", type=float, default=30.0, help="30 unless said otherwise")
    parser.add_argument("--attempts", type=int, default=10, help="for one row before the run stops; 10")
    parser.add_argument("--check", action="store_true", help="read everything, send nothing")
    options = parser.parse_args()
    if not email.utils.parseaddr(options.sender)[1]:
        parser.error("--from is no address")
    if not options.text and not options.html:
        parser.error("there is nothing to send: give --text or --html")
    if options.per_minute <= 0 or options.attempts < 1:
        parser.error("--per-minute and --attempts are more than nothing")
    for field in ("text", "html"):
        path = getattr(options, field)
        template = None
        if path:
            with open(path, encoding="utf-8") as file:
                template = file.read()
        setattr(options, f"{field}_template", template)
    return options


if __name__ == "__main__":
    try:
        sys.exit(run(arguments()))
    except Stop as stop:
        print(f"stopped: {stop}", file=sys.stderr)
        sys.exit(3)
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        sys.exit(3)
