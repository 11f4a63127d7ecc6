#!/usr/bin/env python3
"""Requests the same presigned URLs from the built program and botocore, and compares them byte for byte.

Every case is drawn at random: operation, bucket, key, endpoint, addressing, time, credentials, parameters and headers, and
also the way in which they are written on the command line. The seed is printed; with it and the number of a case that case
alone can be run again: `--seed S --only N`.

The operations and the wire names of their parameters are taken from botocore's own description of S3, so that the test does
not depend on what the program's authors think an operation looks like.
"""

from __future__ import annotations

import argparse
import base64
import collections
import datetime
import email.utils
import functools
import hashlib
import importlib
import json
import os
import random
import secrets
import shlex
import subprocess
import sys
import tempfile
import types
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

# What the machine's owner has configured must not reach botocore.
for _name in [name for name in os.environ if name.startswith(("AWS_", "COS_", "BOTO_"))]:
    del os.environ[_name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

# --------------------------------------------------------------------------------------------------------------- botocore


class Oracle:
    """botocore, or IBM's fork of it, configured to add nothing to a URL that was not requested."""

    def __init__(self, sdk):
        self.sdk = importlib.import_module(sdk)
        for module in ("auth", "config", "credentials", "handlers", "session", "signers"):
            importlib.import_module(f"{sdk}.{module}")
        # IBM's fork is an older one. It sends `True` where S3 says `true`, and signs IPv6 hosts without their brackets, which
        # no client sends; the first is asked of the program as well, the second of neither.
        self.is_fork = sdk != "botocore"
        self.places = [place for place in PLACES if not (self.is_fork and "[" in (place.endpoint or ""))]
        self.session = self.sdk.session.Session()
        self.now = None
        self.canonical_request = None
        self.headers = None
        # For AWS regions botocore presigns for the global host unless a style was asked for; links then depend on redirects.
        self.sdk.signers._should_use_global_endpoint = lambda client: False
        self.freeze_clock()
        original = self.sdk.auth.S3SigV4QueryAuth.canonical_request

        def remembered(auth, request):
            self.canonical_request = original(auth, request)
            self.headers = {name.lower(): value for name, value in request.headers.items()}
            return self.canonical_request

        self.sdk.auth.S3SigV4QueryAuth.canonical_request = remembered
        self.model = self.client(None, "us-east-1", "auto").meta.service_model

    def freeze_clock(self):
        if hasattr(self.sdk.auth, "get_current_datetime"):
            self.sdk.auth.get_current_datetime = lambda remove_tzinfo=True: self.now
            return

        class Frozen(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return self.now

        self.sdk.auth.datetime = types.SimpleNamespace(datetime=Frozen)

    @functools.lru_cache(maxsize=None)
    def client(self, endpoint, region, addressing):
        settings = {
            "signature_version": "s3v4",
            "s3": {"addressing_style": addressing, "us_east_1_regional_endpoint": "regional"},
        }
        if "request_checksum_calculation" in self.sdk.config.Config.OPTION_DEFAULTS:
            settings["request_checksum_calculation"] = settings["response_checksum_validation"] = "when_required"
        client = self.session.create_client(
            "s3",
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id="set",
            aws_secret_access_key="per case",
            config=self.sdk.config.Config(**settings),
        )
        for operation in ("ListObjects", "ListObjectsV2", "ListObjectVersions"):
            client.meta.events.unregister(
                f"before-parameter-build.s3.{operation}", self.sdk.handlers.set_list_objects_encoding_type_url
            )
        return client

    def presign(self, case):
        endpoint = case.place.endpoint
        if endpoint and "Key" not in case.params:
            # Where nothing follows the endpoint's own path botocore keeps a slash at its end, and the program never does.
            endpoint = endpoint.rstrip("/")
        client = self.client(endpoint, case.place.region, case.addressing)
        client._request_signer._credentials = self.sdk.credentials.Credentials(
            case.credentials.id, case.credentials.secret, case.credentials.token
        )
        self.now = case.time
        # A copy, because botocore encodes some parameters in place.
        return client.generate_presigned_url(case.operation, Params=dict(case.params), ExpiresIn=case.expires)


# ------------------------------------------------------------------------------------------------------------------ cases


@dataclass(frozen=True)
class Place:
    """An endpoint and region for botocore, and what the program derives from the host."""

    endpoint: str | None
    region: str
    # The program finds the endpoint by itself when it is given this region, or `cos://` with it.
    in_table: bool = False
    region_in_host: bool = False
    ibm: bool = False
    # For hosts of stores that are known to serve path style only, the program refuses the other one.
    path_only: bool = False

    @property
    def is_aws(self):
        return self.endpoint is None

    @property
    def takes_virtual(self):
        if self.is_aws:
            return True
        host = urlsplit(self.endpoint).hostname
        return not self.path_only and ":" not in host and not host.replace(".", "").isdigit()

    @property
    def takes_any_name(self):
        return not self.ibm


def _ibm(location, *, network="", region=None, port=""):
    host = f"s3.{network}{location}.cloud-object-storage.appdomain.cloud{port}"
    usual = region is None and not network and not port
    return Place(f"https://{host}", region or location, in_table=usual, region_in_host=region is None, ibm=True)


AWS_REGIONS = (
    "ap-southeast-3", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-west-1", "sa-east-1", "us-east-1", "us-east-2",
    "us-gov-east-1", "us-gov-west-1", "us-west-2",
)  # fmt: skip

PLACES = [
    *(Place(None, region, in_table=True) for region in AWS_REGIONS),
    Place("https://s3.eu-central-1.amazonaws.com", "eu-central-1", region_in_host=True),
    Place("https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", region_in_host=True),
    _ibm("us-south"),
    _ibm("eu-de"),
    _ibm("us"),
    _ibm("ams03"),
    _ibm("us-south", region="us-south-smart"),
    _ibm("us-south", network="private."),
    _ibm("jp-tok", network="direct."),
    _ibm("eu-fr2", network="direct.", port=":4229"),
    Place("http://127.0.0.1:9000", "us-east-1"),
    Place("http://[::1]:9000", "us-east-1"),
    Place("https://[2001:db8::1]", "us-east-1"),
    Place("http://localhost:9000", "us-east-1"),
    Place("https://s3.example.com:443", "us-east-1"),
    Place("http://s3.example.com:80", "us-east-1"),
    Place("http://s3.example.com:443", "garage"),
    Place("https://s3.example.com:80", "garage"),
    Place("https://S3.Example.COM", "us-east-1"),
    Place("https://MinIO.Example.COM:9443", "us-east-1"),
    Place("https://gw.example.com/", "us-east-1"),
    Place("https://gw.example.com/base/path", "us-east-1"),
    Place("http://gw.example.com:8080/base/", "default"),
    Place("https://ceph.example.org", "default"),
    Place("https://s3.eu-central-003.backblazeb2.com", "eu-central-003"),
    Place("https://storage.googleapis.com", "auto"),
    Place("https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", "auto", path_only=True),
]


@dataclass(frozen=True)
class Credentials:
    id: str
    secret: str
    token: str | None


@dataclass
class Case:
    operation: str
    place: Place
    addressing: str
    time: datetime.datetime
    expires: int
    credentials: Credentials
    # botocore's parameters, in the order in which the program documents its own to appear in the URL.
    params: dict = field(default_factory=dict)
    argv: list = field(default_factory=list)
    env: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    as_json: bool = False


# Operations that are no presigned requests of an ordinary bucket: directory buckets have hosts and sessions of their own,
# WriteGetObjectResponse goes to Object Lambda, SelectObjectContent needs a body.
NOT_FOR_LINKS = {
    "CreateSession", "ListDirectoryBuckets", "RenameObject", "SelectObjectContent", "WriteGetObjectResponse",
}  # fmt: skip

# botocore sets these headers itself.
NOT_DRAWN = {"ChecksumAlgorithm", "SSECustomerKeyMD5", "CopySourceSSECustomerKeyMD5"}

VERBS = {
    "GetObject": "get",
    "PutObject": "put",
    "HeadObject": "head",
    "DeleteObject": "delete",
    "ListObjectsV2": "list",
}

# Options that become query parameters, in the order in which they appear in the URL.
QUERY_OPTIONS = {
    "get": {
        "VersionId": "--version-id",
        "ResponseCacheControl": "--response-cache-control",
        "ResponseContentDisposition": "--response-content-disposition",
        "ResponseContentEncoding": "--response-content-encoding",
        "ResponseContentLanguage": "--response-content-language",
        "ResponseContentType": "--response-content-type",
        "ResponseExpires": "--response-expires",
    },
    "put": {},
    "delete": {"VersionId": "--version-id"},
    "list": {
        "Prefix": "--prefix",
        "Delimiter": "--delimiter",
        "MaxKeys": "--max-keys",
        "ContinuationToken": "--continuation-token",
        "StartAfter": "--start-after",
    },
    "request": {},
}
QUERY_OPTIONS["head"] = QUERY_OPTIONS["get"]

# Options that become signed headers.
HEADER_OPTIONS = {
    "put": {
        "ACL": "--acl",
        "ChecksumCRC32": "--checksum-crc32",
        "ChecksumCRC32C": "--checksum-crc32c",
        "ChecksumCRC64NVME": "--checksum-crc64nvme",
        "ChecksumSHA1": "--checksum-sha1",
        "ChecksumSHA256": "--checksum-sha256",
        "ContentMD5": "--content-md5",
        "ContentType": "--content-type",
        "SSEKMSKeyId": "--sse-kms-key-id",
        "ServerSideEncryption": "--sse",
        "StorageClass": "--storage-class",
    },
}

DIGEST_LENGTHS = {
    "ChecksumCRC32": 4, "ChecksumCRC32C": 4, "ChecksumCRC64NVME": 8, "ChecksumSHA1": 20, "ChecksumSHA256": 32, "ContentMD5": 16,
}  # fmt: skip

KNOWN_VALUES = {
    "ACL": ["private", "public-read", "bucket-owner-full-control"],
    "ChecksumMode": ["ENABLED"],
    "ContentType": ["text/plain", "image/jpeg", "text/html; charset=utf-8", "multipart/mixed;  boundary=\"a  b\""],
    "EncodingType": ["url"],
    "MetadataDirective": ["COPY", "REPLACE"],
    "Range": ["bytes=0-0", "bytes=-500", "bytes=9500-"],
    "RequestPayer": ["requester"],
    "ResponseContentDisposition": ["attachment", "inline; filename=\"a b.txt\"", "attachment; filename*=UTF-8''na%C3%AFve.txt"],
    "ServerSideEncryption": ["AES256", "aws:kms", "aws:kms:dsse"],
    "StorageClass": ["STANDARD", "GLACIER", "INTELLIGENT_TIERING", "ONEZONE_IA"],
    "Tagging": ["a=b", "key1=value1&key2=value+2", "k=%20%2F"],
}

# The weights are the chances of an operation's own verb; the operations that only `request` can make share the rest.
COMMON = ["GetObject"] * 6 + ["PutObject"] * 6 + ["HeadObject"] * 2 + ["DeleteObject"] * 2 + ["ListObjectsV2"] * 4

KEY_PIECES = [
    "a", "Z", "0", "-", "_", ".", "~", "/", "//", "/./", "/../", "..", " ", "  ", "+", "%", "%2F", "%20", "%%", "?", "#", "&", "=",
    "!", "$", "'", "(", ")", "*", ",", ";", ":", "@", "[", "]", "{", "}", "|", "\\", "^", "`", "<", ">", "\"", "\t", "\n", "\r\n",
    "\x01", "\x1b", "\x7f", "\u00e9", "e\u0301", "\u00df", "\u65e5\u672c", "\U0001f600", "\u202e", "\u200b", "\ufeff", "\u00a0", "\uffff",
    "\u0130", "://", "https://", "X-Amz-Signature=0", "&amp;", "${filename}", "AWS4-HMAC-SHA256",
]  # fmt: skip


class Draw:
    """Random things of one case."""

    def __init__(self, seed, number, plain_booleans):
        self.random = random.Random(f"{seed}:{number}")
        self.plain_booleans = plain_booleans

    def chance(self, probability):
        return self.random.random() < probability

    def choice(self, values):
        return self.random.choice(values)

    def boolean(self):
        """A truth for botocore and the same as text."""
        truth = self.chance(0.5)
        return truth, str(truth) if self.plain_booleans else str(truth).lower()

    def alphabet(self, letters, length):
        return "".join(self.random.choices(letters, k=length))

    def bucket(self, any_name, dots):
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        length = self.choice([3, 63, self.random.randint(4, 62)])
        inner = self.alphabet(letters + "-", length - 2)
        name = self.choice(letters) + inner + self.choice(letters)
        kind = self.random.random()
        if dots and kind < 0.2 and length > 6:
            at = self.random.randint(2, length - 4)
            name = name[:at].rstrip("-") + "." + name[at + 1 :].lstrip("-")
            name = name.ljust(3, "x")
        elif dots and any_name and kind < 0.3:
            name = self.choice(["Legacy_Bucket", "UPPER", "under_score", "a" * 64, "B." * 127 + "b", "trailing-", "192.168.5.4"])
        # These ends mean access points and directory buckets, which botocore sends elsewhere.
        return name.replace("--", "-x")

    def key(self):
        kind = self.random.random()
        if kind < 0.1:
            return self.choice(["a", "/", "//", ".", "..", "../x", "a/..", "-", "--help", " ", "\n", "test.txt", "photos/2026/a b.jpg"])
        if kind < 0.2:
            piece = self.choice(["k", "\u00e9", "\u65e5", "\U0001f600", "/", "%"])
            return piece * (1024 // len(piece.encode()))
        if kind < 0.35:
            return self.text(self.random.randint(1, 60))
        count = self.random.choice([1, 2, 3, 5, 8, 20])
        key = "".join(self.choice(KEY_PIECES) for _ in range(count))
        if self.chance(0.2):
            key = unicodedata.normalize(self.choice(["NFC", "NFD"]), key)
        return key

    def text(self, length):
        """Any characters at all; arguments cannot carry NUL, and surrogates are none."""
        limits = [0x7F, 0x7F, 0xFF, 0xFFFF, 0x10FFFF]
        characters = []
        while len(characters) < length:
            code = self.random.randint(1, self.choice(limits))
            if not 0xD800 <= code <= 0xDFFF:
                characters.append(chr(code))
        return "".join(characters)

    def header_value(self, other_scripts):
        """Words with one or several spaces between and around them.

        No tabs, which the specification keeps and botocore folds.
        """
        letters = [chr(code) for code in range(0x21, 0x7F)]
        if other_scripts and self.chance(0.1):
            letters += ["\u00e9", "\u65e5", "\U0001f600"]
        words = [self.alphabet(letters, self.random.randint(1, 12)) for _ in range(self.random.randint(1, 4))]
        value = "".join(word + " " * self.random.randint(1, 3) for word in words).rstrip()
        if self.chance(0.15):
            value = " " * self.random.randint(0, 2) + value + " " * self.random.randint(0, 2)
        return value

    def time(self):
        start = datetime.datetime(2000, 1, 1)
        return start + datetime.timedelta(seconds=self.random.randrange(100 * 365 * 86400))

    def expires(self, unlimited):
        choices = [1, 60, 900, 3600, 5400, 86400, 604799, 604800, self.random.randint(1, 604800)]
        if unlimited:
            choices += [604801, 31536000]
        return self.choice(choices)

    def credentials(self):
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        key_id = self.choice(["AKIAIOSFODNN7EXAMPLE", "id-with_.~chars", "account:user", self.alphabet(letters, 20)])
        secret = self.choice(
            ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "secret-with-dash/+=\u00e9", "=", self.alphabet(letters + "/+", 40)]
        )
        token = self.alphabet(letters + "/+=", self.random.choice([1, 100, 900])) if self.chance(0.25) else None
        return Credentials(key_id, secret, token)


def draw_case(seed, number, oracle, operations):
    draw = Draw(seed, number, plain_booleans=oracle.is_fork)
    operation = draw.choice(COMMON) if draw.chance(0.5) else draw.choice(operations)
    place = draw.choice(oracle.places)
    if operation == "ListBucketsExtended":
        # The fork writes a slash before its query, which shows only after a path of the endpoint's own.
        place = draw.choice([place for place in oracle.places if place.ibm])
    addressing = draw.choice(["auto", "path", "virtual"] if place.takes_virtual else ["auto", "path"])
    case = Case(
        operation=oracle.sdk.xform_name(operation),
        place=place,
        addressing=addressing,
        time=draw.time(),
        expires=draw.expires(place.ibm),
        credentials=draw.credentials(),
        as_json=draw.chance(0.25),
    )
    model = oracle.model.operation_model(operation)
    verb = VERBS.get(operation) if draw.chance(0.85) else None
    shape = model.input_shape
    needs_bucket = shape is not None and "Bucket" in shape.members
    needs_key = shape is not None and "Key" in shape.members
    bucket = draw.bucket(place.takes_any_name, dots=addressing != "virtual") if needs_bucket else None
    key = draw.key() if needs_key else None
    if bucket is not None:
        case.params["Bucket"] = bucket
    if key is not None:
        case.params["Key"] = key

    words = [verb] if verb else ["request", model.http["method"]]
    options = []
    prefix = draw_parameters(draw, case, model, verb or "request", options)
    draw_time(draw, case, options)
    draw_credentials(draw, case, options)
    target = draw_place_and_target(draw, case, bucket, key, prefix, oracle, options)
    if case.as_json:
        options.append(draw.choice([["--json"], ["--output", "json"], ["-o", "json"]]))
    draw.random.shuffle(options)
    # `-Q` and `--metadata` keep their own order: it shows in the URL.
    case.argv = words + [word for group in options for word in group]
    at = draw.choice([len(words), len(case.argv)])
    case.argv[at:at] = target
    return case


def option(draw, name, value):
    """`--name value` or `--name=value`; a value that begins with a hyphen needs the latter."""
    if name.startswith("--") and (value.startswith("-") or draw.chance(0.5)):
        return [f"{name}={value}"]
    return [name, value]


def draw_parameters(draw, case, model, verb, options):
    """Query parameters and headers of the operation. Gives the prefix, if it shall be written in the target of `list`."""
    shape = model.input_shape
    if shape is None:
        return None
    members = {
        name: member
        for name, member in shape.members.items()
        if member.serialization.get("location") in ("querystring", "header", "headers") and name not in NOT_DRAWN
    }
    # Operations have up to forty members; a few at a time find more than all at once.
    likelihood = min(0.5, 4 / max(1, len(members)))
    chosen = [name for name in members if name in shape.required_members or draw.chance(likelihood)]
    for name in list(chosen):
        # botocore refuses or completes halves of these.
        for stem in ("SSECustomer", "CopySourceSSECustomer"):
            if name.startswith(stem):
                chosen = [other for other in chosen if not other.startswith(stem)] + [f"{stem}Key"]
    chosen = list(dict.fromkeys(chosen))
    draw.random.shuffle(chosen)

    in_target = None
    own, extra = [], []
    static = [part for part in model.http["requestUri"].partition("?")[2].split("&") if part]
    if verb == "request":
        extra = [["-Q", part] for part in static]
    queries = {}
    for name in chosen:
        member = members[name]
        if member.serialization["location"] == "querystring":
            value = draw_query_value(draw, name, member)
            native = QUERY_OPTIONS[verb].get(name)
            if native and draw.chance(0.8):
                queries[name] = value
                if name == "Prefix" and draw.chance(0.5):
                    in_target = value[1]
                else:
                    own.append(option(draw, native, value[1]))
            else:
                case.params[name] = value[0]
                extra.append([draw.choice(["-Q", "--query"]), f"{member.serialization['name']}={value[1]}"])
        else:
            draw_header(draw, case, name, member, verb, own)
    # The options of the verb come first and in their own order, whatever the order in which they were typed.
    ordered = {name: queries[name][0] for name in QUERY_OPTIONS[verb] if name in queries}
    case.params = {**{k: v for k, v in case.params.items() if k in ("Bucket", "Key")}, **ordered, **case.params}
    options.extend(own)
    if extra:
        options.append([word for pair in extra for word in pair])
    return in_target


def draw_query_value(draw, name, member):
    """A value for botocore and the same as text."""
    kind = member.type_name
    if kind == "integer":
        number = draw.random.randint(1, 10000 if name != "MaxBuckets" else 1000)
        return number, str(number)
    if kind == "boolean":
        truth = draw.chance(0.5)
        return truth, str(truth).lower()
    if kind == "timestamp":
        return draw_timestamp(draw, member, "iso8601")
    known = KNOWN_VALUES.get(name)
    text = draw.choice(known) if known and draw.chance(0.7) else draw.key()[:100]
    return text, text


def draw_timestamp(draw, member, usual_format):
    moment = draw.time().replace(tzinfo=datetime.timezone.utc)
    if member.serialization.get("timestampFormat", usual_format) == "iso8601":
        return moment, moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment, email.utils.format_datetime(moment, usegmt=True)


def draw_header(draw, case, name, member, verb, own):
    if name.endswith("SSECustomerKey"):
        draw_customer_key(draw, case, name, verb, own)
        return
    if member.type_name == "map":
        metadata = {}
        for _ in range(draw.random.randint(1, 4)):
            key = draw.alphabet("abcXYZ019-_.", draw.random.randint(1, 8))
            # Header names know no case, so botocore would send these twice and the program once.
            if key.lower() not in {other.lower() for other in metadata}:
                metadata[key] = draw.header_value(other_scripts=False)
        case.params[name] = metadata
        for key, value in metadata.items():
            if verb == "put" and draw.chance(0.7):
                own.append(option(draw, "--metadata", f"{key}={value}"))
            else:
                own.append(header(draw, f"x-amz-meta-{key}", value))
        return
    wire = member.serialization["name"]
    value, text = draw_header_value(draw, name, member)
    case.params[name] = value
    if name == "RequestPayer" and value == "requester" and verb != "request" and draw.chance(0.7):
        own.append(["--requester-pays"])
        return
    native = HEADER_OPTIONS.get(verb, {}).get(name)
    # A KMS key without a kind of encryption is no request, so that option wants the other one beside it.
    if native and name != "SSEKMSKeyId" and draw.chance(0.8):
        own.append(option(draw, native, text))
    else:
        own.append(header(draw, wire, text))


def draw_header_value(draw, name, member):
    kind = member.type_name
    if kind in ("integer", "long"):
        number = draw.random.randint(0, 10**12)
        return number, str(number)
    if kind == "boolean":
        return draw.boolean()
    if kind == "timestamp":
        return draw_timestamp(draw, member, "rfc822")
    if kind == "list":
        values = draw.random.sample(["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"], k=draw.random.randint(1, 5))
        return values, ",".join(values)
    if name == "CopySource" or name == "RenameSource":
        source = f"{draw.bucket(False, dots=False)}/{draw.key()[:80]}x"
        return source, quote(source, safe="/-._~")
    if name in DIGEST_LENGTHS:
        text = base64.b64encode(draw.random.randbytes(DIGEST_LENGTHS[name])).decode()
        return text, text
    known = KNOWN_VALUES.get(name)
    text = draw.choice(known) if known and draw.chance(0.7) else draw.header_value(other_scripts=True)
    return text, text


def header(draw, name, value):
    if draw.chance(0.3):
        name = draw.choice([name.lower(), name.upper(), name.title()])
    gap = "" if not value.startswith(" ") and draw.chance(0.3) else " "
    return [draw.choice(["-H", "--header"]), f"{name}:{gap}{value}"]


def draw_customer_key(draw, case, name, verb, own):
    key = draw.random.randbytes(32)
    encoded = base64.b64encode(key).decode()
    digest = base64.b64encode(hashlib.md5(key).digest()).decode()
    case.params[name.replace("Key", "Algorithm")] = "AES256"
    if name == "SSECustomerKey" and verb in ("get", "put", "head") and draw.chance(0.7):
        # Here both sides encode the key and take its digest by themselves.
        case.params[name] = key
        case.files["customer.key"] = key if draw.chance(0.5) else encoded.encode() + draw.choice([b"", b"\n", b"\r\n"])
        own.append(["--sse-c-key-file", "FILE:customer.key"])
        return
    case.params[name] = encoded
    case.params[f"{name}MD5"] = digest
    stem = "x-amz-copy-source-server-side-encryption" if name.startswith("Copy") else "x-amz-server-side-encryption"
    own.append(header(draw, f"{stem}-customer-algorithm", "AES256"))
    own.append(header(draw, f"{stem}-customer-key", encoded))
    own.append(header(draw, f"{stem}-customer-key-MD5", digest))


def draw_time(draw, case, options):
    forms = [case.time.strftime("%Y%m%dT%H%M%SZ"), case.time.strftime("%Y-%m-%dT%H:%M:%SZ")]
    if 2001 <= case.time.year:
        east = case.time + datetime.timedelta(hours=5, minutes=30)
        forms.append(east.strftime("%Y-%m-%dT%H:%M:%S+05:30"))
        west = case.time - datetime.timedelta(hours=8)
        forms.append(west.strftime("%Y-%m-%dT%H:%M:%S-08:00"))
    options.append(option(draw, "--at", draw.choice(forms)))
    seconds = case.expires
    forms = [str(seconds), f"{seconds}s"]
    forms += [f"{seconds // size}{unit}" for size, unit in ((60, "m"), (3600, "h"), (86400, "d")) if seconds % size == 0]
    if 3600 < seconds < 86400 and seconds % 60 == 0:
        forms.append(f"{seconds // 3600}h{seconds % 3600 // 60}m")
    if draw.chance(0.1):
        until = case.time + datetime.timedelta(seconds=seconds)
        options.append(option(draw, "--until", until.strftime("%Y-%m-%dT%H:%M:%SZ")))
    elif seconds == 3600 and draw.chance(0.5):
        pass  # That is the default.
    else:
        options.append(option(draw, draw.choice(["--expires", "-e", "--expires-in", "--expire"]), draw.choice(forms)))


def draw_credentials(draw, case, options):
    credentials = case.credentials
    if draw.chance(0.25):
        options.append(["--access-key-id", credentials.id])
        options.append(["--secret-file", "FILE:secret"])
        case.files["secret"] = credentials.secret.encode() + draw.choice([b"", b"\n", b"\r\n"])
        if credentials.token:
            options.append(["--session-token-file", "FILE:token"])
            case.files["token"] = credentials.token.encode() + b"\n"
        return
    if case.place.ibm and not credentials.token and draw.chance(0.5):
        case.env["COS_HMAC_ACCESS_KEY_ID"] = credentials.id
        case.env["COS_HMAC_SECRET_ACCESS_KEY"] = credentials.secret
        if draw.chance(0.3):
            # The pair of another store must not be taken.
            case.env["AWS_ACCESS_KEY_ID"] = case.env["AWS_SECRET_ACCESS_KEY"] = "other"
        return
    case.env["AWS_ACCESS_KEY_ID"] = credentials.id
    case.env["AWS_SECRET_ACCESS_KEY"] = credentials.secret
    if credentials.token:
        case.env["AWS_SESSION_TOKEN"] = credentials.token
    if not case.place.ibm and draw.chance(0.1):
        case.env["COS_HMAC_ACCESS_KEY_ID"] = case.env["COS_HMAC_SECRET_ACCESS_KEY"] = "other"


def draw_place_and_target(draw, case, bucket, key, prefix, oracle, options):
    place = case.place
    if place.is_aws:
        where = draw.choice(["region", "region", "provider", "variable"])
    elif place.in_table:
        where = draw.choice(["region", "cos", "endpoint", "endpoint", "variable"])
    elif place.ibm or place.region_in_host or place.region == "auto":
        where = "endpoint"
    else:
        where = draw.choice(["endpoint", "endpoint", "variable", "public"])
    if where == "cos" and bucket is None:
        where = "region"
    address = key is not None and draw.chance(0.15) and where != "cos"
    if address and (place.is_aws or place.endpoint.count("/") == 2):
        # The URL contains the endpoint.
        return address_target(draw, case, oracle, options)

    region = ["--region", place.region]
    if where == "region":
        options.append(region)
    elif where == "provider":
        options.append(["--provider", "aws"])
        options.append(region)
    elif where == "variable" and place.is_aws:
        case.env[draw.choice(["AWS_REGION", "AWS_DEFAULT_REGION"])] = place.region
    elif where == "variable":
        case.env[draw.choice(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])] = place.endpoint
        if not place.region_in_host:
            case.env["AWS_REGION"] = place.region
    elif where == "public":
        options.append(["--endpoint", "http://store.internal:9000"])
        options.append(["--public-endpoint", place.endpoint])
        options.append(region)
    elif where == "endpoint":
        endpoint = place.endpoint
        if endpoint.startswith("https://") and draw.chance(0.3):
            endpoint = endpoint.removeprefix("https://")
        options.append([draw.choice(["--endpoint", "--endpoint-url"]), endpoint])
        if not place.region_in_host or draw.chance(0.5):
            options.append(region)
    if case.operation == "get_bucket_location":
        # botocore requests it in path style, whatever style was chosen, because any region can respond to that.
        options.append(["--addressing", "path"])
    elif case.addressing != "auto" or draw.chance(0.2):
        options.append(["--addressing", case.addressing])

    if bucket is None:
        return ["/"]
    name = bucket
    if key is not None or prefix is not None:
        name = f"{bucket}/{key if key is not None else prefix}"
    if where == "cos":
        return [f"cos://{place.region}/{name}"]
    form = draw.choice(["plain", "plain", "s3", "options"])
    if form == "s3":
        return [f"s3://{name}"]
    if form == "options":
        words = ["--bucket", bucket]
        rest = key if key is not None else prefix
        if rest is not None:
            words += draw.choice([["--key", rest], [f"--key={rest}"]])
        return words
    return [name]


def address_target(draw, case, oracle, options):
    """The object's address as a console would show it; made with botocore's idea of its host and path."""
    host_and_path = oracle.presign(case).partition("?")[0]
    if draw.chance(0.5):
        # As browsers show it: nothing escaped but what has to be.
        scheme, _, rest = host_and_path.partition("://")
        authority, _, _ = rest.partition("/")
        virtual = authority.startswith(f"{case.params['Bucket']}.")
        path = case.params["Key"] if virtual else f"{case.params['Bucket']}/{case.params['Key']}"
        host_and_path = f"{scheme}://{authority}/" + "".join(
            quote(c) if c in "%?# " or ord(c) < 0x20 or ord(c) == 0x7F else c for c in path
        )
    if not case.place.is_aws and not case.place.region_in_host:
        options.append(["--region", case.place.region])
    elif draw.chance(0.3):
        options.append(["--region", case.place.region])
    if case.addressing == "virtual" and not case.place.is_aws and not case.place.ibm:
        # Only the known endpoint shows which part of an unknown host is the bucket.
        options.append(["--endpoint", case.place.endpoint])
    return [host_and_path]


# ------------------------------------------------------------------------------------------------------------- comparison


class Program:
    def __init__(self, binary, directory):
        self.binary = binary
        self.directory = directory
        self.home = directory / "home"
        self.home.mkdir()

    def command(self, case):
        return [self.binary] + [
            str(self.directory / word.removeprefix("FILE:")) if word.startswith("FILE:") else word for word in case.argv
        ]

    def environment(self, case):
        return {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", **case.env}

    def run(self, case, *more):
        for name, content in case.files.items():
            (self.directory / name).write_bytes(content)
        return subprocess.run(
            [*self.command(case), *more], env=self.environment(case), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )


def compare(case, url, oracle, program):
    """What is wrong, or nothing."""
    done = program.run(case)
    if done.returncode != 0:
        return f"exit code {done.returncode}: {done.stderr.decode(errors='replace')}", None
    if not case.as_json:
        ours = done.stdout
        if ours == url.encode() + b"\n":
            return None, None
        return "the URLs differ", ours.removesuffix(b"\n").decode(errors="replace")
    try:
        told = json.loads(done.stdout)
        ours = told["url"]
        headers = {name.lower(): value for name, value in told["headers"].items()}
        method = told["method"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"no JSON as documented ({error!r}): {done.stdout!r}", None
    if ours != url:
        return "the URLs differ", ours
    wanted = {name: value for name, value in oracle.headers.items() if name != "host"}
    if headers != wanted:
        return f"the headers to send differ\n  botocore: {wanted}\n  ours:     {headers}", ours
    if method != oracle.canonical_request.split("\n", 1)[0]:
        return f"the method is `{method}`", ours
    return None, None


def report(number, seed, case, url, ours, what, oracle, program):
    print(f"\ncase {number} (run it alone: --seed {seed} --only {number}): {what}")
    print(f"  operation:  {case.operation} {case.params!r}")
    print(f"  endpoint:   {case.place.endpoint} region {case.place.region} addressing {case.addressing}")
    print(f"  signed:     {case.time.isoformat()}Z for {case.expires} s by {case.credentials!r}")
    environment = [f"{name}={value}" for name, value in case.env.items()]
    print(f"  files:      {case.files!r}")
    print(f"  command:    {shlex.join(['env', '-i', *environment, *program.command(case)])}")
    print(f"  botocore:   {url}")
    if ours is None:
        return
    print(f"  ours:       {ours}")
    theirs, mine = url.encode(), ours.encode()
    at = next((i for i, (a, b) in enumerate(zip(theirs, mine)) if a != b), min(len(theirs), len(mine)))
    if theirs != mine:
        print(f"  first differing byte: {at} (botocore {theirs[at : at + 20]!r}, ours {mine[at : at + 20]!r})")
    more = () if case.as_json else ("--json",)
    done = program.run(case, "-v", *more)
    try:
        canonical = json.loads(done.stdout)["canonical_request"]
    except (ValueError, KeyError):
        return
    for line, (a, b) in enumerate(zip(oracle.canonical_request.split("\n"), canonical.split("\n")), 1):
        if a != b and "(redacted)" not in b:
            print(f"  canonical request, line {line}:\n    botocore: {a!r}\n    ours:     {b!r}")


def check_that_it_can_fail(program, oracle):
    """A comparison that finds everything equal is worth nothing: another secret has to be noticed."""
    case = Case(
        operation="get_object",
        place=PLACES[0],
        addressing="auto",
        time=datetime.datetime(2026, 1, 31, 12),
        expires=60,
        credentials=Credentials("AKIAIOSFODNN7EXAMPLE", "one secret", None),
        params={"Bucket": "bucket", "Key": "key"},
        argv=["get", "bucket/key", "--region", PLACES[0].region, "--at", "20260131T120000Z", "--expires", "60"],
        env={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "another-secret"},
    )
    what, ours = compare(case, oracle.presign(case), oracle, program)
    if what is None or ours is None:
        print(f"the control failed: links of two different secrets {'came out equal' if what is None else what}")
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the program under test")
    parser.add_argument("--sdk", choices=["botocore", "ibm_botocore"], default="botocore", help="who makes the other URLs")
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", help="of an earlier run, to repeat it")
    parser.add_argument("--only", type=int, metavar="N", help="run case N alone")
    parser.add_argument("--stop-after", type=int, default=10, metavar="N", help="print no more than so many differences")
    args = parser.parse_args()
    binary = str(Path(args.binary).resolve())
    if not os.access(binary, os.X_OK):
        parser.error(f"`{args.binary}` cannot be run")
    seed = args.seed or str(secrets.randbits(32))
    oracle = Oracle(args.sdk)
    print(f"{args.sdk} {oracle.sdk.__version__}, seed {seed}", flush=True)

    operations = [name for name in oracle.model.operation_names if is_for_links(oracle.model.operation_model(name))]
    numbers = range(args.cases) if args.only is None else [args.only]
    different = 0
    counts = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="cos-presign-differential-") as directory:
        program = Program(binary, Path(directory))
        if not check_that_it_can_fail(program, oracle):
            return 1
        for number in numbers:
            case = draw_case(seed, number, oracle, operations)
            counts[case.operation] += 1
            url = oracle.presign(case)
            what, ours = compare(case, url, oracle, program)
            if what is None:
                continue
            different += 1
            if different <= args.stop_after:
                report(number, seed, case, url, ours, what, oracle, program)
    compared = sum(counts.values())
    shown = ", ".join(f"{name} {count}" for name, count in counts.most_common(12))
    print(f"\n{len(counts)} operations: {shown}{', …' if len(counts) > 12 else ''}")
    print(f"{compared} compared, {compared - different} equal, {different} different (seed {seed})")
    return 1 if different or not compared else 0


def is_for_links(model):
    """Whether a request can be made of it without a body; a link has none."""
    if model.name in NOT_FOR_LINKS:
        return False
    if model.http_checksum.get("requestChecksumRequired"):
        return False  # botocore adds the checksum of a body that is not there.
    shape = model.input_shape
    if shape is None:
        return True
    elsewhere = [name for name in shape.required_members if shape.members[name].serialization.get("location") is None]
    return not elsewhere and "RetentionLegalHoldId" not in shape.members


if __name__ == "__main__":
    sys.exit(main())
