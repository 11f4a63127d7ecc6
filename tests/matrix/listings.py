#!/usr/bin/env python3
"""Lists 3,000 odd keys at independent stores, and compares each key with what was uploaded, byte for byte; lists versions of
objects, and finds the region of a bucket.

    tests/matrix/listings.py --binary target/debug/cos-presign [--store ceph --store swift …] [--require]

The stores are those of matrix.py, started and ended in the same way. The keys are listed with version 2, version 1 and in
parallel; of each listing every tenth URL is requested, and has to serve the content of its key. A store that keeps objects as
files gets no keys that a file system changes. Exit code: 0 if all is as it should be, 1 if not, 75 if no store was available.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from matrix import ROOT, STORES, Refused, Unavailable, end_stores_when_ended

COUNT = 3000
BUCKET = "odd-keys"

# What a key can have at its start, in the middle and at its end.
PARTS = [
    " ", "  ", "+", "%", "%20", "%2B", "%2F", "%25", "%zz", "?", "?a=b", "#", "&", "&amp;", "&#10;", "<", ">", "<Key>", "]]>", '"', "'",
    "//", "/", "/./", "/../", "\\", "~", "*", "[a]", "{}", "|", "^", "`", "=", ";", ",", ":", "@", "$", "!", "(", ")", "\x01", "\x08", "\t",
    "\n", "\r", "\r\n", "\x1f", "\x7f", "\u0080", "\u0085", "\u2028", "é", "e\u0301", "日本語", "😀", "\u202e", "\u200b", "\ufeff", "\ufffd",
    "\uffff", "\U0010ffff", "a b+c%d", "+ ", " +", "%+", "..", ".", "-", "_", "ß", "İ", "ﬁ",
]  # fmt: skip

# Stores whose keys are listed, and those of which versions and regions are.
KEYS = ["ceph", "swift", "rclone", "s3s-fs"]
VERSIONS = ["ceph", "moto", "localstack"]

# Stores that keep objects as files.
FILES = ["rclone", "s3s-fs"]

# Characters that a store does not list correctly: s3s-fs declares its keys as percent-encoded, and does not encode them.
UNLISTED = {"s3s-fs": "%+"}


def odd_keys(store: str) -> list[bytes]:
    keys = {}
    number = 0
    while len(keys) < COUNT:
        first, second = PARTS[number % len(PARTS)], PARTS[number // len(PARTS) % len(PARTS)]
        shapes = [f"{first}{number}", f"{number}{first}", f"d/{first}{number}{second}", f"{number}/{first}/{second}", f"{second}{first}{number}"]
        key = shapes[number % len(shapes)]
        number += 1
        if store in FILES:
            segments = key.split("/")
            if any(segment in ("", ".", "..") for segment in segments):
                continue
        if any(part in key for part in UNLISTED.get(store, "")):
            continue
        keys[key.encode()] = None
    # A file name has at most 255 bytes, and s3s-fs makes one of the whole key.
    long = "long/" + "ü/" * 20 + "x" * 60 if store in FILES else "long/" + "ü" * 509 + "x"
    keys[long.encode()] = None
    return list(keys)[-COUNT:]


class Connections(threading.local):
    def __init__(self):
        self.open: http.client.HTTPConnection | None = None

    def send(self, method: str, url: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request, its target as it stands in the URL."""
        parts = urlsplit(url)
        for attempt in (1, 2):
            self.open = self.open or http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
            try:
                self.open.putrequest(method, url.split(parts.netloc, 1)[1], skip_accept_encoding=True)
                self.open.putheader("Content-Length", str(len(body)))
                self.open.endheaders(body)
                response = self.open.getresponse()
                content = response.read()
                if response.will_close:
                    self.open = None
                return response.status, content
            except (OSError, http.client.HTTPException):
                # Closed between two requests.
                self.open = None
                if attempt == 2:
                    raise
        raise AssertionError


CONNECTIONS = Connections()


def content(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def key_of(url: bytes) -> bytes:
    path = url.split(b"://", 1)[1].split(b"/", 1)[1].split(b"?", 1)[0]
    bucket, key = path.split(b"/", 1)
    assert bucket.decode() == BUCKET
    return unquote_to_bytes(key)


class Lister:
    def __init__(self, binary: str, settings: dict[str, str], folder: Path):
        self.binary, self.settings, self.folder = binary, settings, folder

    def program(self, *words: str, stdin: bytes = b"", codes=(0,), region: list[str] | None = None) -> tuple[int, bytes, str]:
        region = ["--region", self.settings["REGION"]] if region is None else region
        command = [self.binary, *words, "--endpoint", self.settings["ENDPOINT"], *region, "--addressing", "path", "--quiet"]
        keys = {"AWS_ACCESS_KEY_ID": self.settings["ACCESS_KEY"], "AWS_SECRET_ACCESS_KEY": self.settings["SECRET_KEY"]}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "no_proxy": "*", **keys}
        done = subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=600)
        errors = done.stderr.decode(errors="replace")
        if done.returncode not in codes:
            raise Refused(f"{words}: exit code {done.returncode}: {errors[:1000]}")
        return done.returncode, done.stdout, errors


def upload(lister: Lister, keys: list[bytes]) -> list[bytes]:
    """The keys that the store took."""
    status = CONNECTIONS.send("PUT", lister.program("request", "PUT", BUCKET)[1].decode().strip())
    if status[0] not in (200, 204):
        raise Refused(f"the bucket was not made: {status}")
    urls = lister.program("put", f"{BUCKET}/", "--keys-from", "-", "--null", stdin=b"".join(key + b"\0" for key in keys))[1]
    urls = urls.decode().split("\0") if "\0" in urls.decode() else urls.decode().splitlines()
    urls = [url for url in urls if url]
    assert len(urls) == len(keys), f"{len(urls)} URLs for {len(keys)} keys"

    def put(pair: tuple[bytes, str]) -> bool:
        key, url = pair
        assert key_of(url.encode()) == key
        return CONNECTIONS.send("PUT", url, content(key))[0] in (200, 201, 204)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(put, zip(keys, urls)))
    return [key for key, is_taken in zip(keys, taken) if is_taken]


def check(name: str, lister: Lister) -> list[str]:
    wrong = []
    keys = odd_keys(name)
    taken = upload(lister, keys)
    if len(taken) < len(keys) * 3 // 4:
        wrong.append(f"{name}: it took only {len(taken)} of {len(keys)} keys")
    expected = sorted(taken)
    for words in (["--list-version", "2"], ["--list-version", "1"], [], ["--list-jobs", "8"]):
        title = f"{name} {' '.join(words) or 'as it comes'}"
        # A store that lists in another order than that of bytes is refused in parallel, and only then.
        code, urls, errors = lister.program("get", BUCKET, "--recursive", *words, codes=(0, 1) if "--list-jobs" in words else (0,))
        if code:
            is_sorted = [key_of(url) for url in lister.program("get", BUCKET, "--recursive")[1].splitlines()] == expected
            if is_sorted or "not in byte order" not in errors:
                wrong.append(f"{title}: {errors}")
            print(f"{title}: refused, because it is not in byte order", file=sys.stderr)
            continue
        urls = urls.splitlines()
        listed = [key_of(url) for url in urls]
        missing = [key for key in set(expected) - set(listed)]
        extra = [key for key in set(listed) - set(expected)]
        wrong += [f"{title}: {key!r} is missing" for key in missing[:5]]
        wrong += [f"{title}: {key!r} was not uploaded" for key in extra[:5]]
        if len(listed) != len(set(listed)):
            wrong.append(f"{title}: {len(listed) - len(set(listed))} keys twice")

        def served(pair: tuple[bytes, bytes]) -> str:
            key, url = pair
            status, body = CONNECTIONS.send("GET", url.decode())
            return "" if (status, body) == (200, content(key)) else f"{title}: {key!r}: {status} {body[:60]!r}"

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            wrong += [problem for problem in pool.map(served, list(zip(listed, urls))[::10]) if problem][:5]
        print(f"{title}: {len(listed)} of {len(expected)} keys", file=sys.stderr)
    return wrong


def check_versions(name: str, lister: Lister) -> list[str]:
    """Versions of a bucket of its own: each has its URL, and a delete marker has none."""
    bucket = "versions"

    def request(method: str, *words: str, body: bytes = b"") -> tuple[int, bytes]:
        return CONNECTIONS.send(method, lister.program(*words)[1].decode().strip(), body)

    request("PUT", "request", "PUT", bucket)
    enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    status = request("PUT", "request", "PUT", bucket, "-Q", "versioning", body=enabled)[0]
    if status != 200:
        print(f"{name}: no versions, {status}", file=sys.stderr)
        return []
    written = []
    for key in ("a b", "a+b", "ü%/c"):
        for number in range(3):
            written.append(f"{key} {number}".encode())
            request("PUT", "put", "--bucket", bucket, "--key", key, body=written[-1])
    request("DELETE", "delete", "--bucket", bucket, "--key", "a+b")
    wrong = []
    for words in ([], ["--limit", "4"]):
        urls = lister.program("get", bucket, "--recursive", "--versions", *words)[1].decode().splitlines()
        served = [CONNECTIONS.send("GET", url) for url in urls]
        expected = len(written) if not words else 4
        contents = [body for status, body in served if status == 200]
        if len(urls) != expected or len(set(contents)) != expected or not set(contents) <= set(written):
            wrong.append(f"{name} versions {words}: {len(urls)} URLs of {expected}, {served}")
    if not wrong:
        print(f"{name} --versions: {len(written)} of {len(written)} versions", file=sys.stderr)
    return wrong


def check_region(name: str, lister: Lister) -> list[str]:
    """The region that the store names is the one for which the URL is signed."""
    bucket = "elsewhere"
    body = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
    status = CONNECTIONS.send("PUT", lister.program("request", "PUT", bucket)[1].decode().strip(), body)[0]
    if status != 200:
        print(f"{name}: no bucket of another region, {status}", file=sys.stderr)
        return []
    url = lister.program("get", f"{bucket}/k", region=["--find-region"])[1]
    if b"%2Feu-central-1%2Fs3%2F" not in url:
        return [f"{name} --find-region: {url!r}"]
    print(f"{name} --find-region: eu-central-1", file=sys.stderr)
    return []


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--store", action="append", choices=[*KEYS, *VERSIONS])
    parser.add_argument("--require", action="store_true")
    args = parser.parse_args()
    end_stores_when_ended()
    work = Path(os.environ.get("MATRIX_DIR", ROOT / "target" / "interop"))
    wrong, count = [], 0
    for name in args.store or dict.fromkeys([*KEYS, *VERSIONS]):
        store = STORES[name](work)
        with tempfile.TemporaryDirectory() as folder:
            try:
                lister = Lister(os.path.abspath(args.binary), store.start(), Path(folder))
                if name in KEYS:
                    wrong += check(name, lister)
                if name in VERSIONS:
                    wrong += check_versions(name, lister) + check_region(name, lister)
                count += 1
            except Unavailable:
                print(f"{name} cannot be had here, and was left out", file=sys.stderr)
                if args.require:
                    wrong.append(f"{name}: cannot be had")
            except (Refused, RuntimeError, OSError, http.client.HTTPException, subprocess.SubprocessError) as failure:
                wrong.append(f"{name}: {failure}")
            finally:
                store.stop()
    for line in wrong:
        print(f"unexpected: {line}", file=sys.stderr)
    return 1 if wrong else 0 if count else 75


if __name__ == "__main__":
    sys.exit(main())
