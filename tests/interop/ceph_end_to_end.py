#!/usr/bin/env python3
"""Uploads to a running Ceph RADOS Gateway with the forms, links and programs that the built program prints.

    ceph_end_to_end.py --binary PATH

Reads ENDPOINT, ACCESS_KEY, SECRET_KEY, REGION and STS_ROLE_ARN from the environment. The gateway checks every condition of a
POST policy, puts the file's name in the place of `${filename}`, and hands out temporary credentials. Each refusal is checked
beside the same request unspoiled, which has to be served.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import urlsplit

ENDPOINT = os.environ["ENDPOINT"]
REGION = os.environ["REGION"]
CREDENTIALS = {"AWS_ACCESS_KEY_ID": os.environ["ACCESS_KEY"], "AWS_SECRET_ACCESS_KEY": os.environ["SECRET_KEY"]}
BUCKET = f"forms-{secrets.token_hex(4)}"
ODD_KEYS = ["plain.txt", "späth & co (1) #%.txt", "a b+c", "a//b", "quote\"'s", "a/../b", "100%25", "ends/", "日本/é.txt"]

binary = ""
checks = 0
failures: list[str] = []


def check(what: str, good: bool, detail: object = "") -> None:
    global checks
    checks += 1
    if not good:
        failures.append(what)
        print(f"FAILED: {what}: {detail}", flush=True)


def program(*args: str, credentials: dict[str, str] | None = None, code: int = 0, stdin: bytes = b"") -> str:
    environment = {"PATH": os.environ["PATH"], "no_proxy": "*", **(CREDENTIALS if credentials is None else credentials)}
    command = [binary, *args, "--endpoint", ENDPOINT, "--region", REGION, "--quiet"]
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=120)
    if done.returncode != code:
        raise SystemExit(f"{args}: exit code {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def send(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None):
    """One request, its target as it stands in the URL."""
    parts = urlsplit(url)
    target = url.split(parts.netloc, 1)[1] or "/"
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.putrequest(method, target, skip_accept_encoding=True)
    headers = dict(headers or {})
    if not any(name.lower() == "content-length" for name in headers):
        headers["Content-Length"] = str(len(body))
    for name, value in headers.items():
        connection.putheader(name, value.encode())
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response, answer


def error_code(answer: bytes) -> str:
    try:
        return ElementTree.fromstring(answer).findtext("Code") or ""
    except ElementTree.ParseError:
        return ""


def stored(key: str):
    """The object, or None."""
    url = program("get", "--bucket", BUCKET, "--key", key).strip()
    response, answer = send("GET", url)
    return (response, answer) if response.status == 200 else None


def form(*args: str, credentials: dict[str, str] | None = None) -> dict:
    return json.loads(program("post", *args, credentials=credentials))


def submit(made: dict, content: bytes, name: str = "file.bin", fields: dict[str, str] | None = None, without: str = ""):
    """Sends a form as a browser does: the fields in their order, then the file."""
    boundary = secrets.token_hex(16)
    body = b""
    sent = {**made["fields"], **(fields or {})}
    sent.pop(without, None)
    for field, value in sent.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
    body += b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
    return send("POST", made["url"], body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def forms() -> None:
    for key in ODD_KEYS:
        # A key that ends in a slash is a folder to a form.
        if key.endswith("/"):
            continue
        made = form("--bucket", BUCKET, "--key", f"in/{key}", "--max-size", "1MB")
        response, answer = submit(made, key.encode())
        check(f"form for {key!r}", response.status == 204, (response.status, answer))
        found = stored(f"in/{key}")
        check(f"object {key!r}", found is not None and found[1] == key.encode())

    made = form(f"{BUCKET}/folder/", "--success-status", "201")
    response, answer = submit(made, b"content", "späth & co.txt")
    check("201", response.status == 201, answer)
    root = ElementTree.fromstring(answer) if response.status == 201 else ElementTree.Element("none")
    key = next((element.text for element in root.iter() if element.tag.endswith("Key")), "")
    check("key in the answer", key == "folder/späth & co.txt", answer)
    check("${filename}", (stored("folder/späth & co.txt") or (None, b""))[1] == b"content")

    made = form("--bucket", BUCKET, "--key", "middle/${filename}.upload")
    check("name in the middle", submit(made, b"x", "a.txt")[0].status == 204 and stored("middle/a.txt.upload") is not None)

    redirect = form(f"{BUCKET}/folder/", "--success-redirect", "http://127.0.0.1:1/thanks")
    response, answer = submit(redirect, b"content", "r.txt")
    location = response.getheader("Location") or ""
    check("redirect", response.status == 303 and location.startswith("http://127.0.0.1:1/thanks"), (response.status, location))

    made = form(f"{BUCKET}/typed", "--content-type", "image/png", "--metadata", "from=web form", "--acl", "public-read")
    response, answer = submit(made, b"png")
    check("fields", response.status == 204, answer)
    head = stored("typed")
    check("type", head is not None and head[0].getheader("Content-Type") == "image/png")
    check("metadata", head is not None and head[0].getheader("x-amz-meta-from") == "web form")


def conditions() -> None:
    """Conditions are enforced by the store, and by nothing else: what is refused is refused for that."""
    sized = form(f"{BUCKET}/limited/", "--max-size", "10", "--min-size", "3")
    check("size that fits", submit(sized, b"12345", "fits")[0].status == 204)
    response, answer = submit(sized, b"x" * 11, "large")
    check("too large", (response.status, error_code(answer)) == (400, "EntityTooLarge"), answer)
    response, answer = submit(sized, b"x", "small")
    check("too small", (response.status, error_code(answer)) == (400, "EntityTooSmall"), answer)
    check("nothing of them is there", stored("limited/large") is None and stored("limited/small") is None)

    def refused(what: str, made: dict, good: dict[str, str], bad: dict[str, str], without: str = "") -> None:
        response, answer = submit(made, b"1234", "good", good)
        check(f"{what}: as it should be", response.status == 204, answer)
        response, answer = submit(made, b"1234", "bad", {**good, **bad}, without)
        check(f"{what}: refused", response.status in (400, 403), (response.status, answer))
        print(f"  {what}: {response.status} {error_code(answer)}")

    typed = form(f"{BUCKET}/typed/", "--content-type", "image/*")
    refused("wrong type", typed, {"Content-Type": "image/png"}, {"Content-Type": "text/html"})
    refused("no type", typed, {"Content-Type": "image/png"}, {}, "Content-Type")
    prefix = form(f"{BUCKET}/prefix/")
    refused("key elsewhere", prefix, {}, {"key": "elsewhere/${filename}"})
    fixed = form(f"{BUCKET}/fixed")
    refused("another key", fixed, {}, {"key": "fixed2"})
    private = form(f"{BUCKET}/private/", "--acl", "private")
    refused("tampered field", private, {}, {"acl": "public-read"})
    refused("missing field", private, {}, {}, "acl")
    refused("field that nobody allowed", prefix, {}, {"x-amz-meta-a": "b"})
    refused("tampered policy", prefix, {}, {"policy": "A" + prefix["fields"]["policy"][1:]})
    signature = prefix["fields"]["x-amz-signature"]
    refused("tampered signature", prefix, {}, {"x-amz-signature": ("0" if signature[0] != "0" else "1") + signature[1:]})
    chosen = form(f"{BUCKET}/chosen/", "--starts-with", "x-amz-meta-who=web-")
    refused("field that begins otherwise", chosen, {"x-amz-meta-who": "web-1"}, {"x-amz-meta-who": "app-1"})
    raw = form(f"{BUCKET}/raw/", "--condition", '["eq", "$x-amz-meta-a", "b"]')
    refused("raw condition", raw, {"x-amz-meta-a": "b"}, {"x-amz-meta-a": "c"})
    check("other bucket", submit({**prefix, "url": prefix["url"] + "x"}, b"1234")[0].status in (403, 404))

    brief = form(f"{BUCKET}/brief/", "--expires", "2")
    check("in time", submit(brief, b"1234", "a")[0].status == 204)
    time.sleep(3)
    response, answer = submit(brief, b"1234", "b")
    check("expired", response.status == 403 and error_code(answer) == "AccessDenied", answer)

    text = json.dumps({
        "expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600)),
        "conditions": [{"bucket": BUCKET}, ["starts-with", "$key", "own/"], {"acl": "private"},
                       ["starts-with", "$x-amz-credential", ""], ["starts-with", "$x-amz-algorithm", ""],
                       ["starts-with", "$x-amz-date", ""]],
    }, indent=4).encode()
    made = json.loads(program("post", f"{BUCKET}/own/", "--policy", "-", stdin=text))
    check("policy of one's own", submit(made, b"1234", "a")[0].status == 204)
    check("its conditions", submit(made, b"1234", "a", {"acl": "public-read"})[0].status in (400, 403))


def printed_commands(directory: Path) -> None:
    for name in ["plain.png", "comma, it's.png", "späth (1) $HOME.png"]:
        (directory / name).write_bytes(name.encode())
        line = program("post", f"{BUCKET}/curl/", "--content-type", "image/*", "--max-size", "1KB", "--output", "curl", "--upload-file", name)
        done = subprocess.run(["sh", "-c", line], cwd=directory, capture_output=True, timeout=60)
        check(f"curl for {name!r}", done.returncode == 0, done.stderr)
        found = stored(f"curl/{name}")
        check(f"its object {name!r}", found is not None and found[1] == name.encode())
        check("its type", found is not None and found[0].getheader("Content-Type") == "image/png")

    file = directory / "note.txt"
    file.write_bytes(b"A note.\n")
    line = program("put", f"{BUCKET}/pinned", "--from-file", str(file), "--pin-content", "--output", "curl")
    check("pinned by curl", subprocess.run(["sh", "-c", line], capture_output=True).returncode == 0)
    check("pinned object", (stored("pinned") or (None, b""))[1] == b"A note.\n")
    link = json.loads(program("put", f"{BUCKET}/pinned", "--from-file", str(file), "--pin-content", "--json"))
    check("what is pinned", sorted(link["headers"]) == ["Content-MD5", "content-length", "content-type"], link["headers"])
    for what, body, headers in [
        ("other content", b"A nota.\n", link["headers"]),
        ("other length", b"A longer note.\n", {**link["headers"], "content-length": "15"}),
        ("other type", b"A note.\n", {**link["headers"], "content-type": "text/html"}),
        ("no checksum", b"A nota.\n", {name: value for name, value in link["headers"].items() if name != "Content-MD5"}),
    ]:
        response, answer = send("PUT", link["url"], body, headers)
        check(f"{what} refused", response.status in (400, 403), (response.status, answer))
        print(f"  {what}: {response.status} {error_code(answer)}")
    check("still the first", (stored("pinned") or (None, b""))[1] == b"A note.\n")


def temporary_credentials() -> None:
    role = os.environ.get("STS_ROLE_ARN")
    if not role:
        raise SystemExit("the gateway was started without STS")
    answer = assume_role(role)
    temporary = {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }
    made = form(f"{BUCKET}/token/", credentials=temporary)
    check("form with a token", submit(made, b"1234", "a")[0].status == 204)
    check("without the token", submit(made, b"1234", "a", {}, "x-amz-security-token")[0].status == 403)
    token = made["fields"]["x-amz-security-token"]
    changed = {"x-amz-security-token": ("A" if token[0] != "A" else "B") + token[1:]}
    check("with another token", submit(made, b"1234", "a", changed)[0].status == 403)


def assume_role(role: str) -> dict[str, str]:
    """POST / with a signed header; the signature is implemented here, without a library."""
    import hmac

    host = urlsplit(ENDPOINT).netloc
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    body = f"Action=AssumeRole&RoleArn={role.replace(':', '%3A').replace('/', '%2F')}&RoleSessionName=test&Version=2011-06-15"
    digest = hashlib.sha256(body.encode()).hexdigest()
    type_ = "application/x-www-form-urlencoded"
    canonical = f"POST\n/\n\ncontent-type:{type_}\nhost:{host}\nx-amz-date:{now}\n\ncontent-type;host;x-amz-date\n{digest}"
    scope = f"{now[:8]}/{REGION}/sts/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + CREDENTIALS["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in [*scope.split("/"), to_sign]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={CREDENTIALS['AWS_ACCESS_KEY_ID']}/{scope}, "
        f"SignedHeaders=content-type;host;x-amz-date, Signature={key.hex()}"
    )
    response, answer = send(
        "POST", ENDPOINT + "/", body.encode(), {"Content-Type": type_, "X-Amz-Date": now, "Authorization": authorization}
    )
    if response.status != 200:
        raise SystemExit(f"AssumeRole: {response.status} {answer!r}")
    root = ElementTree.fromstring(answer)
    return {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}


def cors() -> None:
    line = program("cors", BUCKET, "--origin", "https://www.example.com", "--origin", "null", "--output", "curl")
    done = subprocess.run(["sh", "-c", line], capture_output=True)
    check("rules are set", done.returncode == 0, done.stderr)
    url = f"{ENDPOINT}/{BUCKET}"

    def preflight(origin: str, method: str):
        headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        response, _ = send("OPTIONS", url, b"", headers)
        return response.status, response.getheader("Access-Control-Allow-Origin")

    for origin in ["https://www.example.com", "null"]:
        for method in ["PUT", "POST"]:
            check(f"{method} from {origin}", preflight(origin, method) == (200, origin), preflight(origin, method))
    check("another origin", preflight("https://www.example.org", "PUT")[1] is None)
    check("another method", preflight("https://www.example.com", "DELETE")[1] is None)
    made = form(f"{BUCKET}/cors/")
    boundary = "b"
    fields = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in made["fields"].items())
    body = fields + '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": "https://www.example.com"}
    response, _ = send("POST", made["url"], body.encode(), headers)
    check("the answer may be read", response.getheader("Access-Control-Allow-Origin") == "https://www.example.com")


def multipart(directory: Path) -> None:
    size = 12 * 1024 * 1024 + 345
    content = os.urandom(size)
    file = directory / "big.bin"
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()

    def arrived(key: str) -> bool:
        found = stored(key)
        return found is not None and hashlib.sha256(found[1]).hexdigest() == digest

    for key in ["big.bin", "späth & co/../it's (1) #%.bin", "folder/", "a b"]:
        for form_, run in [("sh", ["sh"]), ("python", [sys.executable])]:
            text = program(
                "multipart", "--bucket", BUCKET, "--key", key, "--size", str(size), "--part-size", "5MiB", "--output", form_,
                "--metadata", "from=parts", "--content-type", "application/x-parts",
            )
            script = directory / f"upload.{form_}"
            script.write_text(text)
            done = subprocess.run([*run, str(script), str(file)], capture_output=True, timeout=120)
            check(f"{form_} uploads {key!r}", done.returncode == 0, done.stderr)
            check(f"{form_}: all of {key!r} is there", arrived(key))
            found = stored(key)
            check("its metadata", found is not None and found[0].getheader("x-amz-meta-from") == "parts")
            check("its type", found is not None and found[0].getheader("Content-Type") == "application/x-parts")
            url = program("delete", "--bucket", BUCKET, "--key", key).strip()
            send("DELETE", url)

    plan = json.loads(program("multipart", f"{BUCKET}/resumed", "--from-file", str(file), "--part-size", "5MiB"))
    id_ = plan["upload_id"]
    part = plan["parts"][1]
    response, _ = send("PUT", part["url"], content[part["offset"] : part["offset"] + part["size"]])
    check("a part by hand", response.status == 200)
    for form_, run in [("sh", ["sh"]), ("python", [sys.executable])]:
        text = program("multipart", f"{BUCKET}/resumed", "--from-file", str(file), "--part-size", "5MiB", "--upload-id", id_, "--output", form_)
        script = directory / f"resume.{form_}"
        script.write_text(text)
    wrong = directory / "wrong.bin"
    wrong.write_bytes(content[:-1])
    done = subprocess.run(["sh", str(directory / "resume.sh"), str(wrong)], capture_output=True)
    check("sh: a file of another size", done.returncode == 2, done.stderr)
    done = subprocess.run([sys.executable, str(directory / "resume.python"), str(wrong)], capture_output=True)
    check("python: a file of another size", done.returncode == 1 and b"bytes" in done.stderr, done.stderr)
    done = subprocess.run(["sh", str(directory / "resume.sh"), str(file)], capture_output=True)
    sent = [line for line in done.stderr.decode().splitlines() if line.startswith("part ")]
    check("sh: what is there is not sent again", sent == ["part 1 of 3", "part 3 of 3"], done.stderr)
    check("resumed", arrived("resumed"))
    done = subprocess.run(["sh", str(directory / "resume.sh"), str(file)], capture_output=True)
    check("sh: an upload that is over", done.returncode == 1 and b"404" in done.stderr, done.stderr)

    for form_, run in [("sh", ["sh"]), ("python", [sys.executable])]:
        link = json.loads(program("multipart", f"{BUCKET}/aborted", "--only", "create", "--json"))
        response, answer = send(link["method"], link["url"], b"", link["headers"])
        root = ElementTree.fromstring(answer)
        id_ = next(element.text for element in root.iter() if element.tag.endswith("UploadId"))
        text = program("multipart", f"{BUCKET}/aborted", "--size", "6MiB", "--upload-id", id_, "--output", form_)
        script = directory / f"abort.{form_}"
        script.write_text(text)
        done = subprocess.run([*run, str(script), "--abort"], capture_output=True)
        check(f"{form_}: aborted", done.returncode == 0, done.stderr)
        plan = json.loads(program("multipart", f"{BUCKET}/aborted", "--size", "6MiB", "--upload-id", id_))
        check(f"{form_}: gone", send("GET", plan["list_parts"][0]["url"])[0].status == 404)


def main() -> None:
    global binary
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    response, answer = send("PUT", program("request", "PUT", BUCKET).strip())
    if response.status != 200:
        raise SystemExit(f"the bucket cannot be made: {response.status} {answer!r}")
    with tempfile.TemporaryDirectory() as directory:
        for step in [forms, conditions, temporary_credentials, cors]:
            print(step.__name__, flush=True)
            step()
        for step in [printed_commands, multipart]:
            print(step.__name__, flush=True)
            step(Path(directory))
    print(f"{checks} checks, {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
