"""Presigned URLs in Python, without an SDK: the program signs, Python uses its JSON.

    url = presign("get", "my-bucket/report.pdf", expires="24h")["url"]

Store and credentials come from the environment of the process, as for the command line.
"""

import json
import os
import subprocess
import sys
import urllib.request

PROGRAM = os.environ.get("COS_PRESIGN", "cos-presign")


class PresignError(Exception):
    """The message of the program, with its hint."""


def run(*args: str, stdin: str | None = None) -> list[dict]:
    """The objects that the program prints."""
    done = subprocess.run(
        [PROGRAM, *args, "--output", "json"],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PresignError(done.stderr.strip())
    return [json.loads(line) for line in done.stdout.splitlines()]


def presign(verb: str, target: str, *options: str, expires: str = "1h") -> dict:
    """One URL, with the headers that its request needs and the time when it expires."""
    return run(verb, target, "--expires", expires, *options)[0]


def presign_many(bucket: str, keys: list[str], expires: str = "1h") -> dict[str, str]:
    """The URL of each key. A key may contain anything except a line break."""
    lines = run("get", bucket, "--keys-from", "-", "--expires", expires, stdin="\n".join(keys))
    return {line["key"]: line["url"] for line in lines}


def upload(target: str, content: bytes, content_type: str) -> None:
    """Uploads with the standard library; the signed headers are those of the program."""
    link = presign("put", target, "--content-type", content_type, expires="5m")
    request = urllib.request.Request(
        link["url"], data=content, headers=link["headers"], method=link["method"]
    )
    urllib.request.urlopen(request).close()


def download(target: str) -> bytes:
    """Downloads with the standard library."""
    with urllib.request.urlopen(presign("get", target, expires="5m")["url"]) as response:
        return response.read()


if __name__ == "__main__":
    # presign.py BUCKET/PREFIX: an upload and a download, for a first test.
    place = sys.argv[1].rstrip("/")
    upload(f"{place}/hello.txt", b"hello", "text/plain")
    assert download(f"{place}/hello.txt") == b"hello"
    for key, url in presign_many(place.split("/")[0], ["a b.txt", "c.txt"]).items():
        print(key, url, sep="\t")
