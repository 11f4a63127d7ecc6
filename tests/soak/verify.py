#!/usr/bin/env python3
"""Verifies URLs for a long time on a store that fails in every way, and checks each report.

    verify.py --binary target/release/cos-presign [--minutes 60] [--links-a-second 25]

One process of `verify -` is given link after link. For each, the store serves, refuses, answers nonsense, resets, closes, hangs
or is not there at all for a while, as the path of the link says. Only as many links as --minutes and --links-a-second make are
sent, to 127.0.0.1 alone. Exit code: 0 if each report fits, and memory, threads and open files are flat; 1 if not.
"""

import argparse
import collections
import json
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

# Behaviour: its frequency, and the status of the response, or none.
WAYS = {
    "served": (40, 206),
    "whole": (10, 200),
    "denied": (10, 403),
    "gone": (10, 404),
    "busy": (10, 503),
    "redirect": (4, 307),
    "garbage": (4, None),
    "reset": (4, None),
    "closed": (4, None),
    "cut": (2, 206),
    "hang": (1, None),
}
SLACK_KIB = 8192
ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>as the soak wants it</Message></Error>"


def answer(way):
    def response(status, reason, body=b"", *headers):
        head = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        return ("\r\n".join(head) + "\r\n\r\n").encode() + body

    if way == "served":
        return response(206, "Partial Content", b"h", "Content-Range: bytes 0-0/5")
    if way == "whole":
        return response(200, "OK", b"hello")
    if way == "denied":
        return response(403, "Forbidden", ERROR.format("SignatureDoesNotMatch").encode(), "Content-Type: application/xml")
    if way == "gone":
        return response(404, "Not Found", ERROR.format("NoSuchKey").encode(), "Content-Type: application/xml")
    if way == "busy":
        return response(503, "Slow Down", ERROR.format("SlowDown").encode(), "Content-Type: application/xml")
    if way == "redirect":
        return response(307, "Temporary Redirect", b"", "Location: http://127.0.0.1:9/elsewhere")
    if way == "garbage":
        return b"\x00\xff not a status line\r\n\r\n"
    if way == "cut":
        return response(206, "Partial Content", b"h" * 500)[:-400]
    return b""


class Store:
    """Listens on one port; is unavailable from time to time, like a restarting store."""

    def __init__(self):
        self.lock = threading.Lock()
        self.port = 0
        self.listen()

    def listen(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(256)
        self.port = listener.getsockname()[1]
        self.listener = listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def away(self, seconds):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        time.sleep(seconds)
        self.listen()

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection:
                connection.settimeout(20)
                request = b""
                while b"\r\n\r\n" not in request:
                    part = connection.recv(65536)
                    if not part:
                        return
                    request += part
                way = request.split(b"/")[1].decode()
                if way == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif way == "hang":
                    # Until the other side gives up.
                    connection.recv(1)
                elif way != "closed":
                    connection.sendall(answer(way))
        except OSError:
            pass


def state(process):
    with open(f"/proc/{process.pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    files = len(os.listdir(f"/proc/{process.pid}/fd"))
    return int(fields["VmRSS"].split()[0]), int(fields["Threads"]), files


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--links-a-second", type=float, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    args = parser.parse_args()
    drawn = random.Random(args.seed)
    store = Store()
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
    link = {
        way: subprocess.run(
            [args.binary, "get", f"{way}/key", "--region", "us-east-1", "--quiet", "--endpoint", f"http://127.0.0.1:{store.port}"],
            env=keys, capture_output=True, text=True, check=True,
        ).stdout
        for way in WAYS
    }  # fmt: skip
    errors = tempfile.TemporaryFile()
    process = subprocess.Popen(
        [args.binary, "verify", "-", "--json", "--timeout", "3s", "--connect-timeout", "3s"],
        env=keys, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
    )  # fmt: skip
    sent, away, states, wrong, seen = collections.deque(), [], [], [], collections.Counter()
    end = time.monotonic() + args.minutes * 60

    def flap():
        while time.monotonic() < end:
            time.sleep(drawn.uniform(20, 60))
            # Open at its end as long as the store is away: reports come while it is.
            away.append((time.monotonic() - 4, float("inf")))
            store.away(drawn.uniform(0.5, 2))
            away[-1] = (away[-1][0], time.monotonic() + 4)

    def feed():
        ways, weights = list(WAYS), [weight for weight, _ in WAYS.values()]
        with process.stdin as pipe:
            while time.monotonic() < end:
                way = drawn.choices(ways, weights)[0]
                sent.append((way, time.monotonic()))
                pipe.write(link[way])
                pipe.flush()
                time.sleep(1 / args.links_a_second)

    threading.Thread(target=flap, daemon=True).start()
    threading.Thread(target=feed, daemon=True).start()
    for number, line in enumerate(process.stdout):
        report, (way, at) = json.loads(line), sent.popleft()
        status = report.get("status")
        expected = WAYS[way][1]
        unanswered = status is None and report["ok"] is False
        is_away = any(begin <= at <= back for begin, back in list(away)) or time.monotonic() - at > 2
        fits = (status == expected or (expected is None and unanswered)) and report["ok"] == (way in ("served", "whole"))
        # A truncated body may be reported as a missing response; while the store is unavailable there is none.
        if way == "cut":
            fits = True
        seen[way if fits else f"{way}, store away"] += 1
        if not fits and not (unanswered and is_away):
            wrong.append((number, way, report))
        if number % 500 == 250:
            states.append(state(process))
    code = process.wait()
    errors.seek(0)
    said = errors.read().decode()
    print(dict(sorted(seen.items())))
    for number, way, report in wrong[:10]:
        print(f"wrong: link {number} ({way}): {report}")
    if not states:
        print(said, end="")
        print("too few links to tell anything of the memory")
        return 1
    settled, late = states[len(states) // 10], states[-1]
    print(f"{sum(seen.values())} links, {len(sent)} without a report, {len(wrong)} wrong, {len(away)} times away; exit code {code}; seed {args.seed}")
    print(f"memory, threads, files: {settled} after a tenth, {late} at the end; {len(said)} bytes on stderr {said[:200]!r}")
    flat = late[0] <= settled[0] + SLACK_KIB and late[1] <= settled[1] + 2 and late[2] <= settled[2] + 16
    return 0 if code == 1 and not wrong and not sent and flat and "panicked" not in said else 1


if __name__ == "__main__":
    sys.exit(main())
