#!/usr/bin/env python3
"""Uses links that the built program prints against a running OpenStack Swift, as swift/start.sh starts it.

Reads ENDPOINT, VHOST_ENDPOINT, ACCESS_KEY, SECRET_KEY and REGION from the environment. Requests go through a bare socket,
so that the store sees the target of the request exactly as it was printed; every HTTP client rewrites some of them. Links in
virtual-host style lead to names that need not resolve: the connection always goes to ENDPOINT, and only `Host` differs.

Swift is a strict judge: it checks region, service, date and life of a link and refuses unsigned `x-amz-` headers. Each
refusal is checked beside the same request undamaged, which has to be served.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime
import hashlib
import http.client
import io
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

ODD_KEYS = [
    "plain.txt",
    "folder/file.txt",
    "a b",
    " begins and ends with a space ",
    "a+b",
    "100%",
    "%2F",
    "%41%",
    "a%2Fb%20c+d",
    "/begins with a slash",
    "//two",
    "a//b",
    "ends with a slash/",
    "/",
    ".",
    "..",
    "../up",
    "a/../b",
    "a/./b",
    "a/..",
    "what?",
    "#anchor",
    "a&b=c;d",
    "X-Amz-Signature=0",
    "~!$'()*,:@",
    "\"quoted\" `ticks` $(touch pwned) \\ |<>^[]{}",
    "-option",
    "--help",
    "line\nbreak",
    "return\rtab\t",
    "\x01\x1b[31m\x7f",
    unicodedata.normalize("NFC", "r\u00e9sum\u00e9"),
    unicodedata.normalize("NFD", "r\u00e9sum\u00e9"),
    "\u65e5\u672c\u8a9e/\U0001f600\u200d\U0001f680",
    "\u202egpj.exe",
    "x" * 1024,
    "\u00e9" * 512,
    "a/" * 512,
]

# Names of files that tools take for something else: a pattern, an option, a file to read more names from.
ODD_FILES = ["photo[1].jpg", "{a,b}.txt", "-option", "@file", "#1", "a;type=b", "back\\slash", "line\nbreak", "\u65e5\u672c\u8a9e"]


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def code(self):
        """The store's name for its refusal."""
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        return found[1].decode() if found else ""

    def __str__(self):
        return f"{self.status} {self.code}".strip()


class Failed(Exception):
    """A check that did not hold."""


def require(truth, message):
    if not truth:
        raise Failed(message)


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = []

    @contextlib.contextmanager
    def one(self, name):
        """Prints one line, whatever happens in its body. Items of the list are printed after the name."""
        details = []
        try:
            yield details
        except (Failed, OSError, http.client.HTTPException, xml.ParseError, subprocess.TimeoutExpired) as error:
            self.failed += 1
            print(f"FAILED  {name}: {error}", flush=True)
        else:
            self.passed += 1
            print(f"ok      {name}{': ' if details else ''}{', '.join(map(str, details))}", flush=True)

    def skip(self, name, why):
        self.skipped.append(name)
        print(f"skipped {name}: {why}", flush=True)


def shown(key):
    text = ascii(key) if len(key) < 50 else f"{ascii(key[:20])} and so on, {len(key.encode())} bytes"
    return text


class Store:
    """The program, set up for the running store, and a client that sends what it prints."""

    def __init__(self, binary, environment, home):
        self.binary = binary
        self.home = home
        self.region = environment["REGION"]
        self.key_id = environment["ACCESS_KEY"]
        self.secret = environment["SECRET_KEY"]
        self.endpoints = {"path": environment["ENDPOINT"], "virtual": environment["VHOST_ENDPOINT"]}
        address = urlsplit(environment["ENDPOINT"])
        self.address = (address.hostname, address.port)

    def run(self, *words, style="path", region=None, key_id=None, secret=None, token=None, endpoint=True, binary=True):
        command = [self.binary, *words, "--region", region or self.region]
        if endpoint:
            command += ["--endpoint", self.endpoints[style], "--addressing", style]
        variables = {
            "AWS_ACCESS_KEY_ID": key_id or self.key_id,
            "AWS_SECRET_ACCESS_KEY": secret or self.secret,
            "HOME": self.home,
        }
        if token:
            variables["AWS_SESSION_TOKEN"] = token
        return subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)

    def link(self, *words, **settings):
        done = self.run(*words, **settings)
        require(done.returncode == 0, f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        lines = done.stdout.decode().splitlines()
        require(len(lines) == 1, f"{len(lines)} lines on standard output")
        return lines[0]

    def send(self, method, url, headers=(), body=b"", host=None):
        scheme, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        require(scheme == "http", f"the link has the scheme {scheme}")
        lines = [f"{method} {slash}{path} HTTP/1.1", f"Host: {host or authority}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body or method in ("PUT", "POST"):
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join([*lines, "", ""]).encode() + body
        with socket.create_connection(self.address, timeout=60) as connection:
            connection.sendall(message)
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            return Answer(response.status, response.headers, response.read())

    def expect(self, status, method, url, **request):
        answer = self.send(method, url, **request)
        wanted = status if isinstance(status, tuple) else (status,)
        require(answer.status in wanted, f"{method} gave {answer}, not {wanted[0]}: {answer.body[:600]!r}")
        return answer


# ------------------------------------------------------------------------------------------------------------ round trips


def round_trips(store, checks, style):
    bucket = f"odd-keys-{style}-{secrets.token_hex(4)}"
    with checks.one(f"{style}: create the bucket {bucket}") as details:
        details.append(store.expect(200, "PUT", store.link("request", "PUT", bucket, style=style)))
    with checks.one(f"{style}: the link has the bucket where it belongs"):
        url = urlsplit(store.link("get", f"{bucket}/k", style=style))
        found = url.netloc.startswith(f"{bucket}.") if style == "virtual" else url.path == f"/{bucket}/k"
        require(found and url.path.endswith("/k"), url.geturl())
    content = {key: f"content of {ascii(key)}".encode() for key in ODD_KEYS}
    for key in ODD_KEYS:
        with checks.one(f"{style}: put, get, head {shown(key)}") as details:
            put_get_head(store, style, bucket, key, content[key], details)
    listings(store, checks, style, bucket)
    for key in ODD_KEYS:
        with checks.one(f"{style}: delete {shown(key)}, then get it") as details:
            details.append(store.expect(204, "DELETE", store.link("delete", f"{bucket}/{key}", style=style)))
            gone = store.expect(404, "GET", store.link("get", f"{bucket}/{key}", style=style))
            require(gone.code == "NoSuchKey", f"the store says {gone}")
            details.append(gone)
    with checks.one(f"{style}: the bucket is empty and can be deleted") as details:
        require(listed(store, style, bucket) == [], "the bucket still lists keys")
        details.append(store.expect(204, "DELETE", store.link("request", "DELETE", bucket, style=style)))


def put_get_head(store, style, bucket, key, content, details):
    target = f"{bucket}/{key}"
    details.append(store.expect(200, "PUT", store.link("put", target, style=style), body=content))
    got = store.expect(200, "GET", store.link("get", target, style=style))
    require(got.body == content, f"another content came back: {got.body!r}")
    details.append(got)
    # The same object by the other way of naming it.
    head = store.expect(200, "HEAD", store.link("head", "--bucket", bucket, "--key", key, style=style))
    require(head.headers["Content-Length"] == str(len(content)), f"HEAD tells {head.headers['Content-Length']} bytes")
    require(head.headers["ETag"].strip('"') == hashlib.md5(content).hexdigest(), "HEAD tells another ETag")
    details.append(head)


def page(store, style, target, *options):
    """One page of a listing: keys, common prefixes, token of the next page. XML cannot hold every key, hence the encoding."""
    url = store.link("list", target, "-Q", "encoding-type=url", *options, style=style)
    root = xml.fromstring(store.expect(200, "GET", url).body)
    space = root.tag.partition("}")[0] + "}"

    def decoded(path):
        return [unquote_to_bytes(element.text or "").decode() for element in root.iterfind(path.replace("@", space))]

    more = root.findtext(f"{space}IsTruncated") == "true"
    token = root.findtext(f"{space}NextContinuationToken") if more else None
    require(not more or token, "a page that is not the last has no continuation token")
    return decoded("@Contents/@Key"), decoded("@CommonPrefixes/@Prefix"), token


def listed(store, style, target, *options):
    keys, token = [], None
    while True:
        more = ["--continuation-token", token] if token else []
        found, _, token = page(store, style, target, *options, *more)
        keys += found
        if token is None:
            return keys


def listings(store, checks, style, bucket):
    in_order = sorted(ODD_KEYS, key=str.encode)
    with checks.one(f"{style}: list everything, seven keys a page") as details:
        keys = listed(store, style, bucket, "--max-keys", "7")
        require(keys == in_order, f"missing {sorted(set(in_order) - set(keys))}, added {sorted(set(keys) - set(in_order))}")
        details.append(f"{len(keys)} keys")
    for key in ODD_KEYS:
        with checks.one(f"{style}: list with the prefix {shown(key)}") as details:
            keys = listed(store, style, f"{bucket}/{key}")
            require(keys == [k for k in in_order if k.startswith(key)], f"found {keys}")
            details.append(f"{len(keys)} keys")
    with checks.one(f"{style}: list with a delimiter"):
        keys, prefixes, _ = page(store, style, bucket, "--prefix", "a", "--delimiter", "/")
        require(prefixes == ["a/"], f"common prefixes {prefixes}")
        require(keys == [k for k in in_order if k.startswith("a") and "/" not in k], f"keys {keys}")
    for key in ("a b", "%2F", "line\nbreak", unicodedata.normalize("NFD", "r\u00e9sum\u00e9")):
        with checks.one(f"{style}: list what comes after {shown(key)}"):
            keys = listed(store, style, bucket, "--start-after", key)
            require(keys == in_order[in_order.index(key) + 1 :], f"found {keys}")


# --------------------------------------------------------------------------------------------------------- other requests


def other_requests(store, checks, bucket):
    with checks.one("create a bucket") as details:
        details.append(store.expect(200, "PUT", store.link("request", "PUT", bucket)))
    with checks.one("the list of buckets has it"):
        found = store.expect(200, "GET", store.link("request", "GET", "/"))
        require(f"<Name>{bucket}</Name>".encode() in found.body, f"{found.body!r}")
    with checks.one("the bucket's location is the region"):
        found = store.expect(200, "GET", store.link("request", "GET", bucket, "-Q", "location"))
        require(f">{store.region}<".encode() in found.body, f"{found.body!r}")
    with checks.one("head of the bucket") as details:
        details.append(store.expect(200, "HEAD", store.link("request", "HEAD", bucket)))
    with checks.one("an upload with everything that is signed in headers, and the answer to head") as details:
        content = b"signed in headers"
        digest = base64.b64encode(hashlib.md5(content).digest()).decode()
        options = ["--content-type", "text/x-test;  a=b", "--content-md5", digest]
        options += ["--metadata", "colour=light  blue", "--metadata", "Camera=x=1", "-H", "Cache-Control: no-cache"]
        headers = [
            ("Content-Type", "text/x-test;  a=b"), ("Content-MD5", digest), ("X-Amz-Meta-Colour", "light  blue"),
            ("x-amz-meta-camera", "x=1"), ("Cache-Control", "no-cache"),
        ]  # fmt: skip
        store.expect(200, "PUT", store.link("put", f"{bucket}/signed", *options), headers=headers, body=content)
        head = store.expect(200, "HEAD", store.link("head", f"{bucket}/signed"))
        require(head.headers["x-amz-meta-camera"] == "x=1", f"{head.headers}")
        require(head.headers["Content-Type"].startswith("text/x-test"), f"{head.headers}")
        details.append(head)
    with checks.one("an upload whose Content-MD5 is another's is refused") as details:
        digest = base64.b64encode(hashlib.md5(b"another").digest()).decode()
        url = store.link("put", f"{bucket}/signed", "--content-md5", digest)
        details.append(store.expect(400, "PUT", url, headers=[("Content-MD5", digest)], body=b"one"))
    with checks.one("answers with the headers that the link asks for"):
        url = store.link(
            "get", f"{bucket}/signed", "--download-as", "R\u00e9sum\u00e9 \"1\" 100%.pdf", "--response-content-type", "text/x-other; a=b+c",
            "--response-cache-control", "max-age=1", "--response-content-language", "de", "--response-expires", "Thu, 01 Dec 1994 16:00:00 GMT",
        )  # fmt: skip
        got = store.expect(200, "GET", url)
        expected = {
            "Content-Disposition": "attachment; filename=\"R_sum_ \\\"1\\\" 100%.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9%20%221%22%20100%25.pdf",
            "Content-Type": "text/x-other; a=b+c",
            "Cache-Control": "max-age=1",
            "Content-Language": "de",
            "Expires": "Thu, 01 Dec 1994 16:00:00 GMT",
        }
        found = {name: got.headers[name] for name in expected}
        require(found == expected, f"{found}")
    with checks.one("a part of an object, the range signed") as details:
        url = store.link("get", f"{bucket}/signed", "-H", "Range: bytes=0-5")
        got = store.expect(206, "GET", url, headers=[("Range", "bytes=0-5")])
        require(got.body == b"signed", f"{got.body!r}")
        details.append(got)
    with checks.one("a copy, the source signed in a header") as details:
        source = f"/{bucket}/signed"
        url = store.link("request", "PUT", f"{bucket}/copy", "-H", f"x-amz-copy-source: {source}")
        details.append(store.expect(200, "PUT", url, headers=[("x-amz-copy-source", source)]))
        require(store.expect(200, "GET", store.link("get", f"{bucket}/copy")).body == b"signed in headers", "another content")
    with checks.one("an upload in parts") as details:
        upload_in_parts(store, bucket, "parts/a b+c", details)
    with checks.one("an upload in parts is broken off") as details:
        key = f"{bucket}/never finished"
        upload = new_upload(store, key)
        details.append(store.expect(204, "DELETE", store.link("request", "DELETE", key, "-Q", f"uploadId={upload}")))
        details.append(store.expect(404, "GET", store.link("request", "GET", key, "-Q", f"uploadId={upload}")))
    with checks.one("a version, and not the newest one, by --version-id"):
        old_version(store, bucket)
    with checks.one("a link that lives exactly 604800 s is served") as details:
        details.append(store.expect(200, "GET", store.link("get", f"{bucket}/signed", "--expires", "7d")))
    with checks.one("a link made with --backdate and one with --align are served") as details:
        details.append(store.expect(200, "GET", store.link("get", f"{bucket}/signed", "--backdate", "5m")))
        details.append(store.expect(200, "GET", store.link("get", f"{bucket}/signed", "--align", "1h")))
    with checks.one("a link for a public endpoint is served there and nowhere else") as details:
        url = store.link("get", f"{bucket}/signed", "--public-endpoint", "http://files.example.com:8000")
        details.append(store.expect(200, "GET", url))
        refused = store.expect(403, "GET", url, host="127.0.0.1")
        require(refused.code == "SignatureDoesNotMatch", f"{refused}")
        details.append(refused)
    with checks.one("an address in place of a name"):
        address = f"{store.endpoints['path']}/{bucket}/parts/a%20b%2Bc"
        require(store.expect(200, "HEAD", store.link("head", address, endpoint=False)).status == 200, "")


def new_upload(store, key):
    started = store.expect(200, "POST", store.link("request", "POST", key, "-Q", "uploads"))
    return re.search(rb"<UploadId>([^<]+)</UploadId>", started.body)[1].decode()


def upload_in_parts(store, bucket, key, details):
    target = f"{bucket}/{key}"
    upload = new_upload(store, target)
    parts = []
    for number, content in enumerate((b"first ", b"second"), 1):
        url = store.link("request", "PUT", target, "-Q", f"partNumber={number}", "-Q", f"uploadId={upload}")
        parts.append((number, store.expect(200, "PUT", url, body=content).headers["ETag"]))
    found = store.expect(200, "GET", store.link("request", "GET", target, "-Q", f"uploadId={upload}"))
    require(found.body.count(b"<PartNumber>") == 2, f"{found.body!r}")
    listed_parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in parts)
    body = f"<CompleteMultipartUpload>{listed_parts}</CompleteMultipartUpload>".encode()
    url = store.link("request", "POST", target, "-Q", f"uploadId={upload}")
    details.append(store.expect(200, "POST", url, body=body))
    require(store.expect(200, "GET", store.link("get", target)).body == b"first second", "another content")


def old_version(store, bucket):
    name = f"{bucket}-versions"
    store.expect(200, "PUT", store.link("request", "PUT", name))
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    store.expect(200, "PUT", store.link("request", "PUT", name, "-Q", "versioning"), body=body)
    versions = []
    for content in (b"old", b"new"):
        put = store.expect(200, "PUT", store.link("put", f"{name}/k"), body=content)
        versions.append(put.headers["x-amz-version-id"])
    require(store.expect(200, "GET", store.link("get", f"{name}/k")).body == b"new", "not the newest one")
    for version, content in zip(versions, (b"old", b"new")):
        got = store.expect(200, "GET", store.link("get", f"{name}/k", "--version-id", version))
        require(got.body == content and got.headers["x-amz-version-id"] == version, f"another version: {got.body!r}")
    store.expect(200, "HEAD", store.link("head", f"{name}/k", "--version-id", versions[0]))
    store.expect(204, "DELETE", store.link("delete", f"{name}/k", "--version-id", versions[0]))
    store.expect(404, "GET", store.link("get", f"{name}/k", "--version-id", versions[0]))
    require(store.expect(200, "GET", store.link("get", f"{name}/k")).body == b"new", "the wrong version was deleted")


# --------------------------------------------------------------------------------------------------------------- refusals


def refusals(store, checks, bucket):
    target = f"{bucket}/guarded"
    content = b"guarded"
    with checks.one("an object that the refusals below are about") as details:
        details.append(store.expect(200, "PUT", store.link("put", target), body=content))

    def served(url, **request):
        require(store.expect(200, "GET", url, **request).body == content, "another content")

    def refused(name, status, code, url, method="GET", **request):
        with checks.one(f"refused: {name}") as details:
            answer = store.send(method, url() if callable(url) else url, **request)
            require(answer.status == status, f"{answer}, not {status} {code}")
            # The response to HEAD has no body, and so no code.
            require(method == "HEAD" or answer.code == code, f"{answer}, not {status} {code}")
            details.append(answer)

    with checks.one("the links that are damaged below are served undamaged"):
        served(store.link("get", target))
        served(store.link("get", target, style="virtual"))
        served(as_service(store, target, "s3"))

    scope = "AuthorizationQueryParametersError"
    mismatch = "SignatureDoesNotMatch"
    refused("wrong region", 400, scope, lambda: store.link("get", target, region="eu-de"))
    refused("no region of the store's, but a fallback", 400, scope, lambda: store.link("get", target, region="us-east-1"))
    refused("wrong service", 400, scope, lambda: as_service(store, target, "execute-api"))
    good = store.link("get", target)
    refused("tampered signature", 403, mismatch, tampered(good))
    refused("signature of another key's link", 403, mismatch, lambda: with_signature_of(good, store.link("get", f"{target}2")))
    refused("tampered path", 403, mismatch, good.replace("/guarded?", "/other?"))
    refused("tampered life", 403, mismatch, good.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"))
    refused("a parameter added after signing", 403, mismatch, f"{good}&response-content-type=text/html")
    refused("wrong secret", 403, mismatch, lambda: store.link("get", target, secret=store.secret + "x"))
    refused("wrong access key", 403, mismatch, lambda: store.link("get", target, key_id="interop:nobody"))
    past = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    refused("expired an hour ago", 403, "AccessDenied", lambda: store.link("get", target, "--at", past, "--expires", "1h"))
    with checks.one("two hours after it was signed a link that lives three is served"):
        served(store.link("get", target, "--at", past, "--expires", "3h"))
    refused("another host", 403, mismatch, good, host="store.example.com")
    refused("link in path style sent to the bucket's host", 403, mismatch, good, host=f"{bucket}.{host_of(store, 'virtual')}")
    for method in ("HEAD", "PUT", "DELETE"):
        refused(f"link for GET used for {method}", 403, mismatch, good, method=method)
    refused("link for HEAD used for GET", 403, mismatch, lambda: store.link("head", target))
    refused("link for PUT used for GET", 403, mismatch, lambda: store.link("put", target))

    limit_of_life(store, checks, target, scope)
    session_tokens(store, checks, target, served, refused)
    signed_headers(store, checks, target, refused)
    with checks.one("nothing that was refused has changed the object"):
        served(store.link("get", target))


def limit_of_life(store, checks, target, scope):
    with checks.one("604801 s where the limit is unknown: a warning, a link, and the store refuses it") as details:
        done = store.run("get", target, "--expires", "604801")
        require(done.returncode == 0, f"exit code {done.returncode}: {done.stderr!r}")
        require(b"warning:" in done.stderr and b"604801" in done.stderr + done.stdout, f"no warning: {done.stderr!r}")
        warned = [line for line in done.stderr.decode().splitlines() if line.startswith("warning:") and "http" not in line]
        require(warned, f"no warning about the life: {done.stderr!r}")
        url = done.stdout.decode().strip()
        require("X-Amz-Expires=604801&" in url, f"the life was changed: {url}")
        answer = store.expect(400, "GET", url)
        require(answer.code == scope, f"{answer}")
        details.append(answer)
    for region, provider in (("eu-central-1", "AWS"), ("us-east-1", "AWS")):
        with checks.one(f"604801 s on {provider} in {region}: refused by the program itself") as details:
            done = store.run("get", target, "--expires", "604801", region=region, endpoint=False)
            require(done.returncode == 2 and not done.stdout, f"exit code {done.returncode}, {done.stdout!r}, {done.stderr!r}")
            require(store.run("get", target, "--expires", "604800", region=region, endpoint=False).returncode == 0, "604800 too")
            details.append(f"exit code {done.returncode}")


def session_tokens(store, checks, target, served, refused):
    # Swift knows no temporary credentials and looks only at whether the token was signed.
    token = "FwoGZXIvYXdzE/+=" * 20
    with checks.one("a link with a session token is served"):
        served(store.link("get", target, token=token))

    def with_token():
        return store.link("get", target, token=token)

    def without(url):
        return re.sub(r"X-Amz-Security-Token=[^&]*&", "", url)

    refused("the session token taken out", 403, "SignatureDoesNotMatch", lambda: without(with_token()))
    refused("the session token changed", 403, "SignatureDoesNotMatch", lambda: with_token().replace("FwoG", "FwoH", 1))


def signed_headers(store, checks, target, refused):
    typed = store.link("put", target, "--content-type", "text/plain")
    content = b"guarded"
    with checks.one("the signed content type is sent: served") as details:
        details.append(store.expect(200, "PUT", typed, headers=[("Content-Type", "text/plain")], body=content))
    mismatch = "SignatureDoesNotMatch"
    refused("the signed content type is missing", 403, mismatch, typed, method="PUT", body=b"evil")
    headers = [("Content-Type", "text/html")]
    refused("the signed content type is another", 403, mismatch, typed, method="PUT", headers=headers, body=b"evil")
    described = store.link("put", target, "--metadata", "owner=me")
    with checks.one("the signed metadata is sent: served") as details:
        details.append(store.expect(200, "PUT", described, headers=[("x-amz-meta-owner", "me")], body=content))
    refused("the signed metadata is missing", 403, mismatch, described, method="PUT", body=b"evil")
    headers = [("x-amz-meta-owner", "you")]
    refused("the signed metadata is another", 403, mismatch, described, method="PUT", headers=headers, body=b"evil")
    plain = store.link("put", target)
    for name, value in (("x-amz-meta-owner", "me"), ("x-amz-acl", "public-read")):
        headers = [(name, value)]
        refused(f"{name} that was not signed", 403, "AccessDenied", plain, method="PUT", headers=headers, body=b"evil")


def as_service(store, target, service):
    """The same link for another service; everything else as for S3, so that nothing but the service can be refused."""
    address = f"{store.endpoints['path']}/{target}"
    rules = ["--payload-hash", "unsigned", "--path-mode", "raw", "--path-encoding", "once"]
    return store.link("request", "GET", address, "--service", service, *rules, endpoint=False)


def host_of(store, style):
    return urlsplit(store.endpoints[style]).netloc


def tampered(url):
    last = url[-1]
    return url[:-1] + ("0" if last != "0" else "1")


def with_signature_of(url, other):
    marker = "X-Amz-Signature="
    return url.partition(marker)[0] + marker + other.partition(marker)[2]


# ---------------------------------------------------------------------------------------------------------------- verify


def verify(store, checks, bucket):
    target = f"{bucket}/guarded"
    for words in (["get", target], ["head", target], ["list", bucket]):
        with checks.one(f"--verify of {words[0]}") as details:
            done = store.run(*words, "--verify")
            require(done.returncode == 0, f"exit code {done.returncode}: {done.stderr!r}")
            require(b"200" in done.stderr or b"206" in done.stderr, f"no status: {done.stderr!r}")
            require(done.stdout.startswith(b"http://") and done.stdout.count(b"\n") == 1, f"{done.stdout!r}")
            details.append("exit code 0")
    with checks.one("--verify of a key with dot segments: answered, or refused for that reason, but never answered wrongly") as details:
        key = f"{bucket}/a/../b//./c"
        store.expect(200, "PUT", store.link("put", key), body=b"dots")
        done = store.run("get", key, "--verify")
        cannot = done.returncode == 2 and b"dot segments" in done.stderr
        require(done.returncode == 0 or cannot, f"exit code {done.returncode}: {done.stderr!r}")
        details.append(f"exit code {done.returncode}")
    for name, settings in (("with a wrong secret", {"secret": "wrong"}), ("with a wrong region", {"region": "eu-de"})):
        with checks.one(f"--verify {name}") as details:
            done = store.run("get", target, "--verify", **settings)
            require(done.returncode == 1, f"exit code {done.returncode}: {done.stderr!r}")
            details.append("exit code 1")
    with checks.one("--verify of an object that is not there") as details:
        done = store.run("get", f"{bucket}/nothing", "--verify")
        require(done.returncode == 1 and b"404" in done.stderr, f"exit code {done.returncode}: {done.stderr!r}")
        details.append("exit code 1")
    with checks.one("--verify of a place where nothing listens") as details:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            done = store.run("get", target, "--verify", "--endpoint", f"http://127.0.0.1:{port}", endpoint=False)
        require(done.returncode == 4, f"exit code {done.returncode}: {done.stderr!r}")
        details.append("exit code 4")


# ------------------------------------------------------------------------------------------------------ printed commands


def printed_commands(store, checks, bucket):
    """What `--output` prints, run as a person would paste it; the shell must not make anything else of any key."""
    for form, tool in (("curl", "curl"), ("wget", "wget"), ("python", sys.executable)):
        if shutil.which(tool) is None:
            checks.skip(f"--output {form}", f"there is no {tool}")
            continue
        for number, key in enumerate(ODD_KEYS):
            if form == "wget" and has_dot_segments(key):
                with checks.one(f"--output wget: a warning that the path is changed on the way, {shown(key)}"):
                    done = store.run("get", f"{bucket}/{key}", "--output", form)
                    require(b"segment" in done.stderr, f"no warning: {done.stderr!r}")
                continue
            with checks.one(f"--output {form}: put and get {shown(key)}"):
                paste(store, form, f"{bucket}/{key}", f"content {number}".encode())
        for name in ODD_FILES:
            with checks.one(f"--output {form}: upload the file {shown(name)}"):
                paste(store, form, f"{bucket}/uploaded", f"content of {name}".encode(), name)
    if shutil.which("curl"):
        with checks.one("--output curl: a listing"):
            # Of keys that XML can hold.
            printed = store.run("list", f"{bucket}/plain", "--output", "curl")
            require(b"<ListBucketResult" in shell(printed, "bash", Path(store.home)).stdout, "no listing")


def has_dot_segments(key):
    """wget removes these, and has no option against it."""
    return any(segment in (".", "..") for segment in key.split("/"))


def paste(store, form, target, content, name="it's to upload"):
    interpreter = sys.executable if form == "python" else "bash"
    with tempfile.TemporaryDirectory(dir=store.home) as directory:
        directory = Path(directory)
        upload = directory / name
        upload.write_bytes(content)
        options = ["--content-type", "text/x-test", "--metadata", "note=it's $HOME", f"--upload-file={name}"]
        shell(store.run("put", target, *options, "--output", form), interpreter, directory)
        upload.unlink()
        head = store.expect(200, "HEAD", store.link("head", target))
        require(head.headers["x-amz-meta-note"] == "it's $HOME", f"the metadata is {head.headers['x-amz-meta-note']!r}")
        shell(store.run("get", target, "--output", form), interpreter, directory)
        files = list(directory.iterdir())
        require(len(files) == 1, f"{len(files)} files came of it: {[file.name for file in files]}")
        require(files[0].read_bytes() == content, f"{files[0].name!r} has another content: {files[0].read_bytes()[:200]!r}")


def shell(printed, interpreter, directory):
    require(printed.returncode == 0, f"exit code {printed.returncode}: {printed.stderr!r}")
    done = subprocess.run(
        [interpreter],
        input=printed.stdout,
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory), "NO_PROXY": "*", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    require(done.returncode == 0, f"`{printed.stdout.decode()}` ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the program under test")
    args = parser.parse_args()
    binary = str(Path(args.binary).resolve())
    missing = [n for n in ("ENDPOINT", "VHOST_ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "REGION") if not os.environ.get(n)]
    if missing:
        parser.error(f"not set: {', '.join(missing)}; swift/start.sh prints them")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")

    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="cos-presign-swift-") as home:
        store = Store(binary, os.environ, home)
        for style in ("path", "virtual"):
            round_trips(store, checks, style)
        bucket = f"other-{secrets.token_hex(4)}"
        other_requests(store, checks, bucket)
        refusals(store, checks, bucket)
        verify(store, checks, bucket)
        printed_commands(store, checks, bucket)
    if checks.skipped:
        print(f"skipped: {', '.join(checks.skipped)}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.passed else 0


if __name__ == "__main__":
    sys.exit(main())
