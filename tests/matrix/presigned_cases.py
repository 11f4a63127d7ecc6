#!/usr/bin/env python3
"""The cases of Ceph's own test suite that are about presigned URLs, with links of the built program, on Ceph RADOS Gateway.

    tests/matrix/presigned_cases.py --binary target/debug/cos-presign

Beside each case stands the name that it has in https://github.com/ceph/s3-tests; what is expected is what is expected there, the
code is not. Left out are only the cases with signatures of version 2, which the program does not make. Exit code: 0 if all are as expected, 1 if not, 75 if
Ceph cannot be had here.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import matrix

CASES = []


def case(name: str):
    def keep(function):
        CASES.append((name, function))
        return function

    return keep


class Bench(matrix.Judge):
    """With an object `foo` in the bucket."""

    def bucket_and_object(self, bucket_acl: str = "private", object_acl: str = "private") -> None:
        self.bucket = f"cases-{matrix.secrets.token_hex(4)}"
        made = matrix.send(
            "PUT", self.program("request", "PUT", self.bucket, "-H", f"x-amz-acl: {bucket_acl}").strip(), headers={"x-amz-acl": bucket_acl}
        )
        assert made[0] == 200, made
        url = self.link("put", "foo", "--acl", object_acl)
        sent = matrix.send("PUT", url, b"bar", {"x-amz-acl": object_acl})
        assert sent[0] == 200, sent

    def address(self, key: str = "foo") -> str:
        """Without a signature nothing says whose bucket is meant, so its tenant is written before it."""
        tenant = self.settings.get("TENANT")
        return f"{self.settings['ENDPOINT']}/{f'{tenant}:' if tenant else ''}{self.bucket}/{key}"

    def delete(self, key: str = "") -> None:
        url = self.link("delete", key) if key else self.program("request", "DELETE", self.bucket).strip()
        assert matrix.send("DELETE", url)[0] == 204


def status(url: str, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None) -> int:
    return matrix.send(method, url, body, headers)[0]


@case("test_object_raw_get")
def a_public_object_is_read_without_a_signature(bench):
    bench.bucket_and_object("public-read", "public-read")
    return status(bench.address()), 200


@case("test_object_raw_get_bucket_gone")
def without_its_bucket_it_is_not_found(bench):
    bench.bucket_and_object("public-read", "public-read")
    bench.delete("foo")
    bench.delete()
    return status(bench.address()), 404


@case("test_object_raw_get_object_gone")
def a_deleted_public_object_is_not_found(bench):
    bench.bucket_and_object("public-read", "public-read")
    bench.delete("foo")
    return status(bench.address()), 404


@case("test_object_raw_get_bucket_acl")
def a_private_bucket_does_not_hide_a_public_object(bench):
    bench.bucket_and_object("private", "public-read")
    return status(bench.address()), 200


@case("test_object_raw_get_object_acl")
def a_private_object_is_refused_without_a_signature(bench):
    bench.bucket_and_object("public-read", "private")
    return status(bench.address()), 403


@case("test_object_raw_authenticated")
def a_link_to_a_public_object(bench):
    bench.bucket_and_object("public-read", "public-read")
    return status(bench.link("get", "foo")), 200


@case("test_object_raw_response_headers")
def a_link_names_the_headers_of_the_answer(bench):
    bench.bucket_and_object()
    wanted = {
        "response-cache-control": "no-cache",
        "response-content-disposition": "bla",
        "response-content-encoding": "aaa",
        "response-content-language": "esperanto",
        "response-content-type": "foo/bar",
        "response-expires": "123",
    }
    words = [word for name, value in wanted.items() for word in ("-Q", f"{name}={value}")]
    _, headers, _ = matrix.send("GET", bench.link("get", "foo", *words))
    return [headers[name.removeprefix("response-")] for name in wanted], list(wanted.values())


@case("test_object_raw_authenticated_bucket_acl")
def a_link_into_a_private_bucket(bench):
    bench.bucket_and_object("private", "public-read")
    return status(bench.link("get", "foo")), 200


@case("test_object_raw_authenticated_object_acl")
def a_link_to_a_private_object(bench):
    bench.bucket_and_object("public-read", "private")
    return status(bench.link("get", "foo")), 200


@case("test_object_raw_authenticated_bucket_gone")
def a_link_into_a_bucket_that_is_gone(bench):
    bench.bucket_and_object()
    url = bench.link("get", "foo")
    bench.delete("foo")
    bench.delete()
    return status(url), 404


@case("test_object_raw_authenticated_object_gone")
def a_link_to_an_object_that_is_gone(bench):
    bench.bucket_and_object()
    url = bench.link("get", "foo")
    bench.delete("foo")
    return status(url), 404


@case("test_object_raw_get_x_amz_expires_not_expired")
def a_link_for_a_day_and_more(bench):
    bench.bucket_and_object("public-read", "public-read")
    return status(bench.link("get", "foo", "--expires", "100000")), 200


def signed_apart(bench, seconds: int) -> str:
    """A link with a life that the program refuses to sign, its signature right: so that only the life can be what is refused."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    address = urlsplit(bench.address())
    scope = [now[:8], bench.settings["REGION"], "s3", "aws4_request"]
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "/".join([bench.settings["ACCESS_KEY"], *scope]),
        "X-Amz-Date": now,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    written = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    request = "\n".join(["GET", address.path, written, f"host:{address.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, "/".join(scope), hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4" + bench.settings["SECRET_KEY"].encode()
    for part in [*scope, to_sign]:
        key = hmac.digest(key, part.encode(), "sha256")
    return f"{bench.address()}?{written}&X-Amz-Signature={key.hex()}"


def with_life(bench, seconds: int) -> tuple[str, int, int]:
    """The exit code of the program, and what the store says of such a link, beside one of a minute made in the same way."""
    try:
        bench.link("get", "foo", f"--expires={seconds}")
        told = "0"
    except matrix.Refused as refused:
        told = re.search(r"exit code (\d+)", str(refused)).group(1)
    return told, status(signed_apart(bench, seconds)), status(signed_apart(bench, 60))


@case("test_object_raw_get_x_amz_expires_out_range_zero")
def a_life_of_nothing(bench):
    bench.bucket_and_object("public-read", "public-read")
    return with_life(bench, 0), ("2", 403, 200)


@case("test_object_raw_get_x_amz_expires_out_positive_range")
def a_life_that_is_negative(bench):
    bench.bucket_and_object("public-read", "public-read")
    return with_life(bench, -7), ("2", 403, 200)


@case("test_object_raw_get_x_amz_expires_out_max_range")
def a_life_of_more_than_seven_days(bench):
    bench.bucket_and_object("public-read", "public-read")
    # The address says nothing of the store, so the program signs it, with a warning.
    return (status(bench.link("get", "foo", "--expires", "609901")), *with_life(bench, 609901)), (403, "0", 403, 200)


@case("test_object_put_authenticated")
def an_upload_by_a_link(bench):
    bench.bucket_and_object()
    return status(bench.link("put", "new"), "PUT", b"new"), 200


@case("test_object_anon_put")
def an_upload_without_a_signature(bench):
    bench.bucket_and_object()
    return status(bench.address("new"), "PUT", b"new"), 403


@case("test_object_raw_put_authenticated_expired")
def an_upload_after_the_end(bench):
    bench.bucket_and_object()
    return status(bench.link("put", "new", "--expires", "60", "--at", matrix.shifted(-1060)), "PUT", b"new"), 403


@case("test_object_presigned_put_object_with_acl")
def an_upload_with_an_acl(bench):
    bench.bucket_and_object()
    url = bench.link("put", "new", "--acl", "public-read")
    sent = status(url, "PUT", b"hello world", {"x-amz-acl": "public-read"})
    return (sent, status(bench.link("get", "new")), status(bench.address("new"))), (200, 200, 200)


def of_another_origin(bench, verb: str, method: str, words: tuple[str, ...] = (), headers: dict[str, str] | None = None):
    """The CORS response of the store before and after the bucket has a rule for that origin."""
    bench.bucket_and_object()
    origin = "http://www.example.com"
    url = bench.link(verb, "foo", *words)
    sent = {**(headers or {}), "Origin": origin}
    before = matrix.send(method, url, b"", sent)
    rules = bench.program("cors", "--origin", origin, "--method", "GET", "--method", "PUT", "--output", "xml", place=False).strip()
    made = status(bench.program("request", "PUT", bench.bucket, "-Q", "cors").strip(), "PUT", rules.encode())
    after = matrix.send(method, url, b"", sent)
    return (before[0], before[1]["Access-Control-Allow-Origin"], made, after[0], after[1]["Access-Control-Allow-Origin"])


EXPECTED_OF_ANOTHER_ORIGIN = (200, None, 200, 200, "http://www.example.com")


@case("test_cors_presigned_get_object")
def a_page_reads_by_a_link(bench):
    return of_another_origin(bench, "get", "GET"), EXPECTED_OF_ANOTHER_ORIGIN


@case("test_cors_presigned_put_object")
def a_page_uploads_by_a_link(bench):
    return of_another_origin(bench, "put", "PUT"), EXPECTED_OF_ANOTHER_ORIGIN


@case("test_cors_presigned_put_object_with_acl")
def a_page_uploads_with_an_acl(bench):
    acl = {"x-amz-acl": "private"}
    return of_another_origin(bench, "put", "PUT", ("--acl", "private"), acl), EXPECTED_OF_ANOTHER_ORIGIN


# The same, asked by a user of another tenant, whose buckets are apart from those of the first.
TENANT_CASES = [
    ("test_object_raw_get_x_amz_expires_not_expired_tenant", a_link_for_a_day_and_more),
    ("test_object_presigned_put_object_with_acl_tenant", an_upload_with_an_acl),
    ("test_cors_presigned_get_object_tenant", a_page_reads_by_a_link),
    ("test_cors_presigned_put_object_tenant", a_page_uploads_by_a_link),
    ("test_cors_presigned_put_object_tenant_with_acl", a_page_uploads_with_an_acl),
]


def another_tenant(store: matrix.Ceph, settings: dict[str, str]) -> dict[str, str]:
    keys = {"ACCESS_KEY": "CEPHTENANTKEY0000001", "SECRET_KEY": "another/secret+of=the-other-tenant"}
    config = Path(store.environment["DIR"]) / "ceph.conf"
    command = ["radosgw-admin", "-c", config, "-n", "client.rgw.test", "user", "create", "--tenant=elsewhere", "--uid=tester"]
    command += ["--display-name=tester", f"--access-key={keys['ACCESS_KEY']}", f"--secret-key={keys['SECRET_KEY']}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    return {**settings, **keys, "TENANT": "elsewhere"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    store = matrix.Ceph(Path(os.environ.get("MATRIX_DIR", matrix.ROOT / "target" / "interop")))
    matrix.end_stores_when_ended()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            settings = store.start()
            first = Bench(binary, settings, Path(folder))
            second = Bench(binary, another_tenant(store, settings), Path(folder))
            for bench, cases in ((first, CASES), (second, TENANT_CASES)):
                for name, function in cases:
                    found, wanted = function(bench)
                    if found != wanted:
                        failed += 1
                        print(f"FAILED: {function.__name__} ({name}): {found}, expected {wanted}")
        except matrix.Unavailable:
            return 75
        finally:
            store.stop()
    print(f"{len(CASES) + len(TENANT_CASES)} cases of Ceph's test suite, {failed} not as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
