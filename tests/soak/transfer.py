#!/usr/bin/env python3
"""Downloads and uploads files while connections break, processes are killed and run twice, and others plant partial files.

    transfer.py --binary target/release/cos-presign [--rounds 200] [--seed 1]

Each round transfers one file of a random size by a store on 127.0.0.1 that cuts, stalls, resets and refuses at random. The program
is started, killed (SIGKILL, SIGINT or SIGTERM) at a random moment and started again, now and then as two processes at once, until
it exits with 0. Before and between the runs of a download, partial files are planted: links to a victim, files that others can
write, files of another object, garbage. A round passes if the target or the object has the SHA-256 of the source, no victim has
changed, and nothing is left that the program made, except partial files that it reported. Exit code: 0 if all rounds pass.
"""

import argparse
import collections
import hashlib
import http.server
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

NOTE = 8192
PART = 5 << 20
BOUND = 120
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "soak", "AWS_SECRET_ACCESS_KEY": "soak-secret"}


class Store:
    """Objects, uploads, and how often a request fails."""

    def __init__(self, rng):
        self.rng = rng
        self.lock = threading.Lock()
        self.objects = {}
        self.uploads = {}
        self.trouble = 0.0

    def fault(self, *faults):
        with self.lock:
            return self.rng.choice(faults) if self.rng.random() < self.trouble else None

    def below(self, end):
        with self.lock:
            return self.rng.randrange(max(end, 1))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = None

    def log_message(self, *_):
        pass

    def parts_of_url(self):
        url = urllib.parse.urlsplit(self.path)
        return url.path, dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))

    def respond(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name == "Content-Length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def error(self, status, code):
        self.respond(status, f"<Error><Code>{code}</Code></Error>".encode())

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path, query = self.parts_of_url()
        if "uploadId" in query:
            return self.list_parts(query["uploadId"])
        body = self.store.objects.get(path)
        if body is None:
            return self.error(404, "NoSuchKey")
        etag, data = body
        if self.headers.get("If-Match", etag) != etag:
            return self.error(412, "PreconditionFailed")
        start, end, status = 0, len(data), 200
        headers = [("ETag", etag)]
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if match and self.command == "GET":
            start, status = int(match[1]), 206
            end = min(int(match[2] or len(data) - 1), len(data) - 1) + 1
            if start >= len(data):
                return self.error(416, "InvalidRange")
            headers.append(("Content-Range", f"bytes {start}-{end - 1}/{len(data)}"))
        headers.append(("Content-Length", str(end - start)))
        fault = self.store.fault("cut", "cut", "stall", "busy", "close", "whole")
        if fault == "busy":
            return self.error(503, "SlowDown")
        if fault == "close":
            return self.hang_up()
        if fault == "whole" and status == 206:
            status, start, end = 200, 0, len(data)
            headers = [("ETag", etag), ("Content-Length", str(end))]
        if self.command == "HEAD":
            return self.respond(200, b"", headers)
        cut = start + self.store.below(end - start) if fault in ("cut", "stall") else end
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        # In pieces, so that a kill meets it in the middle.
        for at in range(start, cut, 256 << 10):
            self.wfile.write(data[at : min(at + (256 << 10), cut)])
            time.sleep(0.002)
        if cut < end:
            if fault == "stall":
                time.sleep(2.5)
            self.hang_up()

    def upload(self, query):
        return self.store.uploads.get(query.get("uploadId"))

    def list_parts(self, upload_id):
        upload = self.store.uploads.get(upload_id)
        if upload is None:
            return self.error(404, "NoSuchUpload")
        if self.store.fault("busy"):
            return self.error(503, "SlowDown")
        with self.store.lock:
            parts = sorted(upload["parts"].items())
        body = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{hashlib.md5(data).hexdigest()}&quot;</ETag><Size>{len(data)}</Size></Part>"
            for number, data in parts
        )
        self.respond(200, f"<ListPartsResult>{body}</ListPartsResult>".encode())

    def do_PUT(self):
        path, query = self.parts_of_url()
        length = int(self.headers["Content-Length"])
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        fault = self.store.fault("reset", "busy", "lose")
        if fault == "reset":
            self.rfile.read(self.store.below(length))
            return self.hang_up()
        data = self.rfile.read(length)
        if len(data) < length:
            return self.hang_up()
        etag = f'"{hashlib.md5(data).hexdigest()}"'
        if fault == "busy":
            return self.error(503, "SlowDown")
        with self.store.lock:
            upload = self.store.uploads.get(query.get("uploadId"))
            if "partNumber" in query:
                if upload is not None:
                    upload["parts"][int(query["partNumber"])] = data
            else:
                self.store.objects[path] = (etag, data)
        if "partNumber" in query and upload is None:
            return self.error(404, "NoSuchUpload")
        if fault == "lose":
            return self.hang_up()
        time.sleep(0.02)
        self.respond(200, b"", [("ETag", etag)])

    def do_POST(self):
        path, query = self.parts_of_url()
        document = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        fault = self.store.fault("busy", "lose")
        if fault == "busy":
            return self.error(503, "SlowDown")
        with self.store.lock:
            upload = self.store.uploads.get(query.get("uploadId"))
            if upload is not None:
                numbers = [int(number) for number in re.findall(r"<PartNumber>(\d+)<", document)]
                parts = [upload["parts"][number] for number in numbers]
                digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
                etag = f'"{digest}-{len(parts)}"'
                self.store.objects[path] = (etag, b"".join(parts))
                del self.store.uploads[query["uploadId"]]
        if upload is None:
            return self.error(404, "NoSuchUpload")
        if fault == "lose":
            return self.hang_up()
        self.respond(200, f"<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>".encode())


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that was killed is no fault of the store."""


class Soak:
    def __init__(self, binary, seed):
        self.binary = os.path.abspath(binary)
        self.rng = random.Random(seed)
        self.store = Store(random.Random(seed + 1))
        Handler.store = self.store
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        self.counts = collections.Counter()

    def sign(self, *arguments):
        command = [self.binary, *arguments, "--endpoint", self.endpoint, "--region", "us-east-1", "--addressing", "path", "-q"]
        return subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()

    def start(self, directory, *arguments):
        command = [self.binary, *arguments, "--timeout", "2s", "--retries", "4"]
        return subprocess.Popen(command, env={}, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_until_done(self, directory, arguments, between):
        """Kills, doubles and repeats the command until one of its processes exits with 0."""
        allowed = ("is being downloaded by another process", "exists already")
        started = time.monotonic()
        said = ""
        kills = self.rng.randrange(4)
        while time.monotonic() - started < BOUND:
            doubled = self.rng.random() < 0.3
            children = [self.start(directory, *arguments) for _ in range(2 if doubled else 1)]
            self.counts["runs"] += len(children)
            self.counts["doubled"] += doubled
            if kills:
                kills -= 1
                time.sleep(self.rng.random() ** 2 * 0.6)
                for child in children:
                    if child.poll() is None:
                        self.counts["kills"] += 1
                        child.send_signal(self.rng.choice([signal.SIGKILL, signal.SIGINT, signal.SIGTERM]))
            codes = []
            for child in children:
                try:
                    out, err = child.communicate(timeout=BOUND)
                except subprocess.TimeoutExpired:
                    child.kill()
                    raise AssertionError("a process hangs")
                said += err
                codes.append(child.returncode)
                if child.returncode in (2, 3, 5, 101) and not any(text in err for text in allowed):
                    raise AssertionError(f"exit code {child.returncode}: {err}")
                if child.returncode == 1 and "redirects" not in err and "changed" not in err:
                    raise AssertionError(f"refused: {err}")
            if 0 in codes:
                self.killed_beside_success = -signal.SIGKILL in codes
                return said
            # The faults become fewer, or no file would ever be complete.
            self.store.trouble *= 0.7
            between()
        raise AssertionError("it does not come to an end")

    def plant(self, directory, target, victims):
        """Puts something where a partial file of the target is or might be."""
        existing = sorted(directory.glob(f".{target}.*.part"))
        path = self.rng.choice(existing) if existing and self.rng.random() < 0.7 else directory / f".{target}.{self.rng.randbytes(6).hex()}.part"
        content = path.read_bytes() if path in existing and path.is_file() and not path.is_symlink() else b""
        note = content[-NOTE:] if len(content) >= NOTE else b"{}"
        size = max(len(content) - NOTE, 1000)
        evil = b"e" * size
        try:
            parsed = json.loads(note)
            parsed["spans"] = [{"start": 0, "at": size, "end": size}]
            note = json.dumps(parsed).encode().ljust(NOTE, b"\n")
        except ValueError:
            pass
        victim = directory / f"victim-{len(victims)}"
        kind = self.rng.choice(["symlink", "dangling", "hardlink", "writable", "owner", "garbage", "other object"])
        if kind == "owner" and os.geteuid() != 0:
            kind = "symlink"
        self.counts[f"planted: {kind}"] += 1
        path.unlink(missing_ok=True)
        if kind == "symlink":
            victim.write_bytes(evil + note)
            victims[victim] = victim.read_bytes()
            path.symlink_to(victim)
        elif kind == "dangling":
            victims[victim] = None
            path.symlink_to(victim)
        elif kind == "hardlink":
            victim.write_bytes(evil + note)
            victims[victim] = victim.read_bytes()
            os.link(victim, path)
        elif kind == "garbage":
            path.write_bytes(self.rng.randbytes(size + NOTE))
        else:
            if kind == "other object" and note.startswith(b"{"):
                parsed = json.loads(note)
                parsed["object"] = "0" * 64
                note = json.dumps(parsed).encode().ljust(NOTE, b"\n")
            path.write_bytes(evil + note)
            path.chmod(0o666 if kind == "writable" else 0o644)
            if kind == "owner":
                os.chown(path, 12345, 12345)
        return path

    def download(self, directory):
        key = f"k{self.counts['rounds']}"
        data = self.rng.randbytes(self.rng.randrange(1, 6 << 20))
        etag = f'"{hashlib.md5(data).hexdigest()}"' if self.rng.random() < 0.8 else '"opaque-1"'
        self.store.objects[f"/bucket/{key}"] = (etag, data)
        url = self.sign("get", f"bucket/{key}")
        victims, planted = {}, []

        def between():
            if self.rng.random() < 0.5:
                planted.append(self.plant(directory, key, victims))

        between()
        said = self.run_until_done(directory, ["download", url, "--jobs", str(self.rng.choice([1, 1, 2, 4]))], between)
        found = hashlib.sha256((directory / key).read_bytes()).hexdigest()
        assert found == hashlib.sha256(data).hexdigest(), "the file is not the object"
        assert not (directory / key).is_symlink(), "the target is a link"
        for victim, content in victims.items():
            now = victim.read_bytes() if victim.exists() else None
            assert now == content, f"{victim} has changed"
        left = [path for path in directory.glob(f".{key}.*.part") if path not in planted and path.name not in said]
        if left and self.killed_beside_success:
            # A process that SIGKILL ends after another one has finished can report nothing. The next run cleans up.
            self.counts["left by SIGKILL"] += len(left)
            self.store.trouble = 0
            subprocess.run([self.binary, "download", url, "--force"], env={}, cwd=directory, check=True, capture_output=True)
            left = [path for path in left if path.exists()]
        assert not left, f"{left} is left over"

    def upload(self, directory):
        key = f"u{self.counts['rounds']}"
        data = self.rng.randbytes(self.rng.randrange(1, 4 * PART))
        file = directory / key
        file.write_bytes(data)
        upload_id = f"id-{key}"
        with self.store.lock:
            self.store.uploads[upload_id] = {"parts": {}}
        plan = directory / f"{key}.json"
        plan.write_text(self.sign("multipart", f"bucket/{key}", "--size", str(len(data)), "--part-size", "5MiB", "--upload-id", upload_id))
        self.run_until_done(directory, ["upload", plan.name, key, "--jobs", str(self.rng.choice([1, 2, 4]))], lambda: None)
        found = hashlib.sha256(self.store.objects[f"/bucket/{key}"][1]).hexdigest()
        assert found == hashlib.sha256(data).hexdigest(), "the object is not the file"
        assert upload_id not in self.store.uploads, "the upload is not completed"

    def round(self, directory):
        self.store.trouble = self.rng.choice([0.0, 0.2, 0.5])
        kind = self.download if self.rng.random() < 0.6 else self.upload
        self.counts[kind.__name__] += 1
        kind(directory)
        self.store.objects.clear()
        self.counts["rounds"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    soak = Soak(options.binary, options.seed)
    failed = 0
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="cos-presign-soak-") as directory:
            try:
                soak.round(pathlib.Path(directory))
            except AssertionError as error:
                failed += 1
                print(f"round {number}: {error}", file=sys.stderr)
                soak.counts["rounds"] += 1
    for name, count in sorted(soak.counts.items()):
        print(f"{name}: {count}")
    print(f"failed: {failed}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
