#!/usr/bin/env python3
"""Many small requests and listings over the loopback interface, beside curl and rclone.

    benches/network/measure.py --binary target/release/cos-presign [--rounds 5] [--part verify|list|jobs]

Needs curl, nginx, openssl, rclone and rustc. Prints medians of wall times, and ratios of one run. The programs take turns, so
that other load on the machine meets all of them; where processes wait for a core, each small response waits too, and the times say
little (`chrt --fifo 1` before the command takes it out of that queue). The memory includes that of this script.
"""

import argparse
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
LINKS = 5000
JOBS = 8


def run(command: list[str], stdin: Path | None = None, stdout: Path | None = None) -> tuple[float, int]:
    """Seconds, and the maximum resident set in KiB."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **KEYS}
    source = open(stdin or os.devnull, "rb")
    target = open(stdout or os.devnull, "wb")
    with source, target:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=source, stdout=target, stderr=subprocess.PIPE, env=environment)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[:4]}: {process.returncode}: {errors.decode()[-2000:]}")
    return took, usage.ru_maxrss


class Server:
    def __init__(self, command: list[str]):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def nginx(work: Path, upstream: int) -> dict[str, int]:
    """The files of `root` over http and https, and the store over https."""
    plain, secure, store = random.sample(range(20000, 30000), 3)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", work / "key.pem", "-out",
         work / "cert.pem", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    (work / "root/bucket").mkdir(parents=True)
    (work / "root/bucket/object").write_bytes(b"x" * 100)
    tls = f"ssl_certificate {work}/cert.pem; ssl_certificate_key {work}/key.pem;"
    (work / "nginx.conf").write_text(f"""
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  upstream store {{ server 127.0.0.1:{upstream}; keepalive 32; }}
  server {{ listen 127.0.0.1:{plain}; root {work}/root; location / {{ try_files /bucket/object =404; }} }}
  server {{ listen 127.0.0.1:{secure} ssl; {tls} root {work}/root; location / {{ try_files /bucket/object =404; }} }}
  server {{ listen 127.0.0.1:{store} ssl; {tls}
    location / {{ proxy_pass http://store; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffers 64 16k; }} }}
}}
""")
    subprocess.run(["nginx", "-c", work / "nginx.conf"], check=True)
    return {"http": plain, "https": secure, "store": store}


def table(title: str, times: dict[str, list[float]], baseline: str) -> None:
    print(f"\n{title}")
    least = statistics.median(times[baseline])
    for name, measured in times.items():
        middle = statistics.median(measured)
        print(f"  {name:36} {middle:7.2f} s   {middle / least:5.2f} x   ({min(measured):.2f} to {max(measured):.2f} s)")


def verify(ours: str, work: Path, tool: Path, ports: dict[str, int], rounds: int) -> None:
    (work / "keys").write_text("".join(f"key-{number:05}\n" for number in range(LINKS)))
    for scheme, milliseconds in [("http", 0), ("https", 0), ("http", 30), ("https", 30)]:
        far = Server([str(tool), "delay", str(ports[scheme]), str(milliseconds)]) if milliseconds else None
        endpoint = f"{scheme}://localhost:{far.port if far else ports[scheme]}"
        links, config = work / f"{scheme}.links", work / f"{scheme}.curl"
        sign = ["get", "bucket/", "--keys-from", str(work / "keys"), "--endpoint", endpoint, "--region", "r", "--addressing", "path", "--quiet"]
        run([ours, *sign], stdout=links)
        config.write_text("".join(f'url = "{line}"\noutput = "/dev/null"\n' for line in links.read_text().splitlines()))
        programs = {
            "curl --parallel --parallel-max 8": (
                ["curl", "--silent", "--show-error", "--cacert", str(work / "cert.pem"), "--parallel", "--parallel-max", str(JOBS), "--config",
                 str(config)], None),
            "cos-presign verify - --jobs 8": ([ours, "verify", "-", "--jobs", str(JOBS), "--cacert", str(work / "cert.pem")], links),
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, (command, stdin) in programs.items():
                times[name].append(run(command, stdin)[0])
        distance = f", {milliseconds} ms of round trip" if far else ""
        table(f"{LINKS} links over {scheme}{distance}", times, "curl --parallel --parallel-max 8")
        if far:
            far.stop()


def listing(ours: str, work: Path, tool: Path, store: Server, ports: dict[str, int], rounds: int) -> None:
    for scheme, port in [("http", store.port), ("https", ports["store"])]:
        far = Server([str(tool), "delay", str(port), "30"])
        endpoint = f"{scheme}://localhost:{far.port}"
        s3 = [f"--s3-endpoint={endpoint}", "--s3-provider=Other", "--s3-env-auth", "--s3-list-version=2", "--s3-force-path-style"]
        rclone = ["rclone", "lsf", "--recursive", "--files-only", "--fast-list", "--format", "p", "--ca-cert", str(work / "cert.pem"), *s3, ":s3:bucket"]
        list_all = [ours, "get", "bucket", "--recursive", "--endpoint", endpoint, "--region", "r", "--addressing", "path", "--quiet",
                    "--cacert", str(work / "cert.pem")]
        programs = {"rclone lsf --fast-list": rclone, "cos-presign get --recursive": list_all}
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, command in programs.items():
                output = work / "listed"
                times[name].append(run(command, stdout=output)[0])
                assert output.read_bytes().count(b"\n") == 20_000, name
        table(f"20,000 keys over {scheme}, 30 ms of round trip", times, "rclone lsf --fast-list")
        far.stop()


def jobs(ours: str, work: Path, tool: Path, keys: int) -> None:
    store = Server([str(tool), "store", str(keys), "50"])
    print(f"\n{keys} keys, 50 ms for each page")
    first = None
    expected = None
    for number in ["1", "16"]:
        output = work / "urls"
        command = [ours, "get", "bucket", "--recursive", "--endpoint", f"http://127.0.0.1:{store.port}", "--region", "r", "--addressing", "path",
                   "--quiet", "--list-jobs", number, "--at", "2026-01-01T00:00:00Z", "--expires", "7d"]
        took, memory = run(command, stdout=output)
        # In pieces: what this process holds counts as memory of the next program.
        with open(output, "rb") as urls:
            assert sum(piece.count(b"\n") for piece in iter(lambda: urls.read(1 << 16), b"")) == keys
            urls.seek(0)
            digest = hashlib.file_digest(urls, "sha256").digest()
        expected = expected or digest
        assert digest == expected, "the order is another one"
        first = first or took
        print(f"  --list-jobs {number:3} {took:7.1f} s   {first / took:5.1f} x   {memory // 1024} MiB")
    store.stop()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--binary", required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--part", choices=["verify", "list", "jobs"])
    options.add_argument("--keys", type=int, default=1_000_000)
    given = options.parse_args()
    for tool in ["curl", "nginx", "openssl", "rclone", "rustc"]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing")
    ours = str(Path(given.binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        work.chmod(0o755)
        tool = work / "listing_store"
        subprocess.run(["rustc", "--edition", "2024", "-O", "-o", tool, HERE / "listing_store.rs"], check=True)
        store = Server([str(tool), "store", "20000", "0"])
        ports = nginx(work, store.port)
        try:
            if given.part in (None, "verify"):
                verify(ours, work, tool, ports, given.rounds)
            if given.part in (None, "list"):
                listing(ours, work, tool, store, ports, given.rounds)
            if given.part in (None, "jobs"):
                jobs(ours, work, tool, given.keys)
        finally:
            os.kill(int((work / "nginx.pid").read_text()), 15)
            store.stop()


main()
