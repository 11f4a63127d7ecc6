#!/usr/bin/env python3
"""Draws configurations of rclone at random, and compares the links that `rclone link` and the
built program make of each.

rclone asks whether an object is there before it makes a link. A proxy of the test's own responds
for every store, so nothing is sent to any. The program then signs as of the time that rclone has
signed for. Compared are scheme, host, path, access key ID, region and token, and with the
signature the secret.

A difference that is meant is an entry of ALTERATIONS (rclone, given the same in its own words,
comes to the program's result) or of REFUSALS (the program names what it refuses where rclone goes
on). Everything else is a failure.
"""

from __future__ import annotations

import dataclasses
import functools
import http.server
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from configurations import (
    AT,
    EXPIRES,
    HOME,
    Configuration,
    Difference,
    Outcome,
    Text,
    controls_of,
    difference,
    main,
    missing,
    without_byte_order_mark,
)

KEY = "dir/a.txt"
BUCKETS = ("my-bucket", "my-bucket", "dotted.name")

# ------------------------------------------------------------------------------------------- rclone


class Yes(http.server.BaseHTTPRequestHandler):
    """Every store, for the requests of rclone: a proxy that responds itself."""

    context = None

    def do_CONNECT(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
        except (OSError, ssl.SSLError):
            self.close_connection = True
            return
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.send_header("ETag", '"d41d8cd98f00b204e9800998ecf8427e"')
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *words):
        pass


@functools.cache
def proxy():
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = Path(directory) / "key", Path(directory) / "certificate"
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=any",
                "-keyout",
                str(key),
                "-out",
                str(certificate),
            ],
            check=True,
            capture_output=True,
        )
        Yes.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        Yes.context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Yes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def rclone(configuration, home):
    """The link, and the time for which it is signed."""
    through = {name: proxy() for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}
    done = subprocess.run(
        [
            "rclone",
            "link",
            configuration.words[0],
            "--expire",
            f"{EXPIRES}s",
            "--no-check-certificate",
            "--retries",
            "1",
            "--low-level-retries",
            "1",
            "--contimeout",
            "5s",
            "--timeout",
            "10s",
        ],
        env=configuration.environment(home) | through,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        reason = next(
            (line for line in lines if "CRITICAL" in line or "Failed" in line),
            lines[-1] if lines else "no reason",
        )
        return Outcome(None, re.sub(r"^\S+ \S+ ", "", reason)), AT
    url = done.stdout.decode().strip()
    query = parse_qs(urlsplit(url).query)
    if "X-Amz-Signature" not in query:
        return Outcome(None, "signs with version 2"), AT
    return Outcome.of_url(url), query["X-Amz-Date"][0]


# ------------------------------------------------------------------------------------------ drawing

PROVIDERS = {
    "AWS": 4,
    "IBMCOS": 4,
    "Minio": 3,
    "Ceph": 2,
    "Other": 3,
    "Cloudflare": 1,
    "DigitalOcean": 1,
    "Wasabi": 1,
    "Scaleway": 1,
    "Alibaba": 0.7,
    "TencentCOS": 0.7,
    "HuaweiOBS": 0.5,
    "StackPath": 0.3,
    "Storj": 0.5,
    "SeaweedFS": 0.5,
    "Dreamhost": 0.5,
    "IDrive": 0.4,
    "Lyve": 0.3,
    "Netease": 0.3,
    "RackCorp": 0.3,
    "ArvanCloud": 0.3,
    "Qiniu": 0.3,
    "IONOS": 0.4,
    "ChinaMobile": 0.3,
    "Nowhere": 0.3,
    "minio": 0.3,
    "ibmcos": 0.3,
    "": 1,
}

ENDPOINTS = {
    "https://minio.example.com": 3,
    "http://minio.example.com:9000": 2,
    "minio.example.com": 1,
    "minio.example.com:9000": 1,
    "https://minio.example.com/": 0.5,
    "http://h.example.com:80": 0.3,
    "https://h.example.com:443": 0.3,
    "s3.us-south.cloud-object-storage.appdomain.cloud": 2,
    "s3.eu-de.cloud-object-storage.appdomain.cloud": 1,
    "https://s3.eu-central-1.amazonaws.com": 0.7,
    "fra1.digitaloceanspaces.com": 0.7,
    "s3.eu-central-1.wasabisys.com": 0.7,
    "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com": 0.7,
    "oss-cn-hangzhou.aliyuncs.com": 0.4,
    "cos.ap-beijing.myqcloud.com": 0.4,
    "s3.fr-par.scw.cloud": 0.4,
    "https://gw.example.com/base": 0.4,
}

REGIONS = {
    "us-east-1": 3,
    "us-west-2": 3,
    "eu-central-1": 2,
    "us-south": 1,
    "eu-de": 1,
    "auto": 1,
    "other-v4-signature": 1,
    "other-v2-signature": 0.4,
    "garage": 0.5,
    "fr-par": 0.5,
    "me-west-1": 0.3,
}

TRUTHS = {
    "true": 4,
    "false": 4,
    "True": 0.7,
    "FALSE": 0.7,
    "1": 0.5,
    "0": 0.5,
    "yes": 0.2,
    "maybe": 0.1,
    "t": 0.2,
}

REMOTES = {"remote": 5, "My-Remote": 1, "my remote": 1, "r_1": 1, "9": 0.5, "a.b": 0.5, "ü": 0.1}

HABITS = {
    "colon": 0.4,
    "quotes": 0.5,
    "single quotes": 0.3,
    "backticks": 0.4,
    "capital options": 0.5,
    "comments": 0.8,
    "comment behind": 0.5,
    "tight": 0.6,
    "loose": 0.6,
    "indented": 0.5,
    "BOM": 0.3,
    "CRLF": 0.5,
    "duplicate": 0.5,
    "duplicate section": 0.4,
    "empty": 0.4,
    "spaces behind": 0.4,
    "junk line": 0.3,
    "header spaces": 0.4,
    "header capitals": 0.3,
    "percent": 0.3,
    "type capital": 0.3,
    "no section": 0.2,
    "backslash": 0.2,
    "nested quotes": 0.2,
    "hash in value": 0.2,
    "no end": 0.2,
    "default section": 0.2,
    "unicode spaces": 0.2,
}


def secret(number):
    return f"wJalr/XUtnF+EMI{number}="


def draw_options(draw):
    options = [("type", "s3"), ("access_key_id", "AKIAEXAMPLE1"), ("secret_access_key", secret(1))]
    if draw.chance(0.04):
        options.pop(draw.random.randrange(3))
    if draw.chance(0.93):
        options.append(("provider", draw.weighted(PROVIDERS)))
    if draw.chance(0.85):
        options.append(("endpoint", draw.weighted(ENDPOINTS)))
    if draw.chance(0.5):
        options.append(("region", draw.weighted(REGIONS)))
    for name, chance, values in (
        ("session_token", 0.15, {"IQoJ1//token==": 1}),
        ("force_path_style", 0.25, TRUTHS),
        ("env_auth", 0.3, TRUTHS),
        ("v2_auth", 0.08, TRUTHS),
        ("use_accelerate_endpoint", 0.06, TRUTHS),
        ("location_constraint", 0.2, {"us-west-2": 1, "eu-de": 1}),
        ("acl", 0.3, {"private": 1}),
        ("requester_pays", 0.05, TRUTHS),
        ("storage_class", 0.1, {"STANDARD": 1}),
        ("server_side_encryption", 0.05, {"AES256": 1, "aws:kms": 1}),
        ("sse_customer_algorithm", 0.03, {"AES256": 1}),
        ("use_dual_stack", 0.03, TRUTHS),
        ("no_check_bucket", 0.1, TRUTHS),
        ("profile", 0.05, {"default": 1}),
        ("leave_parts_on_error", 0.05, TRUTHS),
        ("chunk_size", 0.1, {"8M": 4, "8Mi": 1}),
    ):
        if draw.chance(chance):
            options.append((name, draw.weighted(values)))
    first, *rest = options
    draw.random.shuffle(rest)
    return [first, *rest]


def option_lines(draw, habits, name, value):
    if "empty" in habits and draw.chance(0.15):
        value = ""
    if "percent" in habits and name == "secret_access_key":
        value += draw.choice(["%%", "%(region)s", "$HOME"])
    if "backslash" in habits and name == "secret_access_key":
        value += "\\"
    for habit, quote in (("quotes", '"'), ("single quotes", "'"), ("backticks", "`")):
        if habit in habits and draw.chance(0.4):
            value = f"{quote}{value}{quote}"
    if "comment behind" in habits and draw.chance(0.3):
        value += draw.choice([" # mine", " ; mine"])
    if "hash in value" in habits and name == "secret_access_key":
        value += draw.choice(["#x", ";x", "=x", ":x"])
    if "unicode spaces" in habits and draw.chance(0.3):
        value += draw.choice(["\u00a0", "\u3000"])
    if "spaces behind" in habits and draw.chance(0.4):
        value += draw.choice([" ", "\t"])
    if "type capital" in habits and name == "type":
        value = "S3"
    if "capital options" in habits and draw.chance(0.4):
        name = draw.choice([name.upper(), name.title()])
    separator = " = "
    if "colon" in habits and draw.chance(0.5):
        separator = draw.choice([": ", ":", " : "])
    elif "tight" in habits:
        separator = "="
    elif "loose" in habits:
        separator = draw.choice(["   =   ", "\t=\t"])
    indent = draw.choice(["  ", "\t"]) if "indented" in habits and draw.chance(0.5) else ""
    return [f"{indent}{name}{separator}{value}"]


def draw_configuration(draw):
    habits = {name for name, weight in HABITS.items() if draw.chance(0.12 * weight)}
    name, env, lines = draw.weighted(REMOTES), {}, []
    options = draw_options(draw)
    in_env = [option for option in options if draw.chance(0.5)] if draw.chance(0.15) else []
    prefix = f"RCLONE_CONFIG_{name.upper().replace('-', '_').replace(' ', '_')}_"
    if draw.chance(0.05):
        in_env = options
    for option, value in in_env:
        env[prefix + option.upper()] = value
    if draw.chance(0.08):
        option, values = draw.choice(
            [
                ("region", REGIONS),
                ("endpoint", ENDPOINTS),
                ("force_path_style", TRUTHS),
                ("access_key_id", {"AKIAEXAMPLE8": 1}),
            ]
        )
        env[f"RCLONE_S3_{option.upper()}"] = draw.weighted(values)
    remote = name
    if draw.chance(0.06):
        remote = "ali"
        lines += ["[ali]", "type = alias", f"remote = {name}:{draw.choice(['', 'my-bucket'])}", ""]
    if "default section" in habits:
        lines += ["[DEFAULT]", "region = eu-west-3", ""]
    shown = name.upper() if "header capitals" in habits else name
    if "no section" not in habits:
        lines.append(f"[ {shown} ]" if "header spaces" in habits else f"[{shown}]")
    for option, value in options:
        if (option, value) in in_env and draw.chance(0.7):
            continue
        lines += option_lines(draw, habits, option, value)
        if "comments" in habits and draw.chance(0.2):
            lines.append(draw.choice(["# region = x", "; region = x", "  # note", ""]))
        if "duplicate" in habits and draw.chance(0.2):
            lines += option_lines(
                draw,
                habits,
                option,
                value if draw.chance(0.3) else {"region": "us-east-2", "endpoint": "h2.example.com"}.get(option, value + "2"),
            )
        if "junk line" in habits and draw.chance(0.15):
            lines.append(draw.choice(["nonsense", "= x", "[unclosed"]))
    if draw.chance(0.4):
        lines += [
            "",
            "[other]",
            "type = s3",
            "provider = Minio",
            "access_key_id = AKIAEXAMPLE3",
            f"secret_access_key = {secret(3)}",
        ]
    if "duplicate section" in habits:
        lines += ["", f"[{shown}]", "region = eu-west-3", f"secret_access_key = {secret(5)}"]
    if draw.chance(0.1):
        env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = "AKIAEXAMPLE9", secret(9)
    if draw.chance(0.05):
        env["AWS_REGION"] = "ap-south-1"
    place = ".config/rclone/rclone.conf"
    if draw.chance(0.3):
        place = "elsewhere/rclone.conf"
        env["RCLONE_CONFIG"] = f"{HOME}/{place}"
    end = "\r\n" if "CRLF" in habits else "\n"
    files = {place: Text(tuple(lines), end, "BOM" in habits, ends_open="no end" in habits)}
    if len(in_env) == len(options):
        files = {}
    bucket = draw.choice(BUCKETS)
    if remote == "ali" and lines[2].endswith("my-bucket"):
        return Configuration(files, env, (f"ali:{KEY}",))
    return Configuration(files, env, (f"{remote}:{bucket}/{KEY}",))


# --------------------------------------------------------------------------------------- comparison

HOST_REGIONS = {
    "s3.us-south.cloud-object-storage.appdomain.cloud": "us-south",
    "s3.eu-de.cloud-object-storage.appdomain.cloud": "eu-de",
    "s3.eu-central-1.amazonaws.com": "eu-central-1",
    "fra1.digitaloceanspaces.com": "fra1",
    "s3.eu-central-1.wasabisys.com": "eu-central-1",
    "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com": "auto",
    "oss-cn-hangzhou.aliyuncs.com": "cn-hangzhou",
    "cos.ap-beijing.myqcloud.com": "ap-beijing",
    "s3.fr-par.scw.cloud": "fr-par",
}

VIRTUAL_ONLY = ("oss-cn-hangzhou.aliyuncs.com", "cos.ap-beijing.myqcloud.com")


def endpoint_host(theirs):
    """The host without the bucket."""
    host = theirs.parts["host"]
    return next(
        (host.removeprefix(f"{bucket}.") for bucket in BUCKETS if host.startswith(f"{bucket}.")),
        host,
    )


def without_mark(configuration, theirs):
    return without_byte_order_mark(configuration)


def without_other_v4(configuration, theirs):
    """A word of rclone's own for a store that does not look at the region."""
    in_variable = "other-v4-signature" in configuration.env.values()
    # Emptied, not removed: what is below has no effect either, also below a variable.
    value = r".*" if in_variable else r"`?other-v4-signature`?\s*([#;].*)?$"
    word = rf"(?i)^(\s*region\s*[=:]\s*){value}"
    files = {
        name: dataclasses.replace(
            text, lines=tuple(re.sub(word, r"\1", line) for line in text.lines)
        )
        for name, text in configuration.files.items()
    }
    env = {
        name: "" if value == "other-v4-signature" else value
        for name, value in configuration.env.items()
    }
    return configuration.replaced(files=files, env=env)


def region_of_host(configuration, theirs):
    # A region elsewhere in the file may belong to another remote.
    if (
        theirs.parts is None
        or theirs.parts["region"] != "us-east-1"
        or "us-east-1" in values_of(configuration, "region")
    ):
        return configuration
    emptied = {
        name: None
        for name, value in configuration.env.items()
        if re.fullmatch("RCLONE_CONFIG_.*_REGION", name) and not value
    }
    return configuration.with_env(
        **emptied, RCLONE_S3_REGION=HOST_REGIONS.get(endpoint_host(theirs))
    )


def style_of_store(configuration, theirs):
    if (
        theirs.parts is None
        or endpoint_host(theirs) not in VIRTUAL_ONLY
        or any(values_of(configuration, "force_path_style"))
    ):
        return configuration
    return configuration.with_env(RCLONE_S3_FORCE_PATH_STYLE="false")


def plain_name(configuration, theirs):
    """rclone 1.60 has ASCII names only, later versions have all."""
    lines = [line for text in configuration.files.values() for line in text.lines]
    if not any("ü" in text for text in (*configuration.words, *configuration.env, *lines)):
        return configuration
    files = {
        name: dataclasses.replace(text, lines=tuple(plain(line) for line in text.lines))
        for name, text in configuration.files.items()
    }
    env = {plain(name): value for name, value in configuration.env.items()}
    return configuration.replaced(
        files=files, env=env, words=tuple(plain(word) for word in configuration.words)
    )


def plain(text):
    return text.replace("ü", "u").replace("Ü", "U")


def host_of_region(configuration, theirs):
    """A provider without an endpoint, and a region of it: its host, where rclone would send to Amazon
    S3.
    """
    if theirs.parts is None or any(values_of(configuration, "endpoint")):
        return configuration
    for (provider, region), host in HOSTS_OF_REGIONS.items():
        if (
            provider in values_of(configuration, "provider")
            and region in values_of(configuration, "region")
            and region == theirs.parts["region"]
        ):
            return configuration.with_env(RCLONE_S3_ENDPOINT=host)
    return configuration


HOSTS_OF_REGIONS = {
    ("IBMCOS", "us-south"): "s3.us-south.cloud-object-storage.appdomain.cloud",
    ("IBMCOS", "eu-de"): "s3.eu-de.cloud-object-storage.appdomain.cloud",
    ("ibmcos", "us-south"): "s3.us-south.cloud-object-storage.appdomain.cloud",
    ("ibmcos", "eu-de"): "s3.eu-de.cloud-object-storage.appdomain.cloud",
    ("Scaleway", "fr-par"): "s3.fr-par.scw.cloud",
    ("Wasabi", "us-east-1"): "s3.wasabisys.com",
    ("Alibaba", "us-east-1"): "oss-us-east-1.aliyuncs.com",
    ("Alibaba", "eu-central-1"): "oss-eu-central-1.aliyuncs.com",
    ("RackCorp", "us-east-1"): "us-east-1.s3.rackcorp.com",
    ("IDrive", "us-east-1"): "s3.us-east-1.idrivee2.com",
}
for _region in ("us-west-2", "eu-central-1", "eu-west-3", "us-east-2"):
    HOSTS_OF_REGIONS["Wasabi", _region] = f"s3.{_region}.wasabisys.com"
    HOSTS_OF_REGIONS["IDrive", _region] = f"s3.{_region}.idrivee2.com"

def without_transfer_settings(configuration, theirs):
    files = {
        name: dataclasses.replace(
            text, lines=tuple(line for line in text.lines if not re.match(r"\s*chunk_size\b", line))
        )
        for name, text in configuration.files.items()
    }
    env = {
        name: value for name, value in configuration.env.items() if not name.endswith("_CHUNK_SIZE")
    }
    return configuration.replaced(files=files, env=env)


ALTERATIONS = {
    # They are about how requests are sent.
    "settings that no URL depends on are not checked": without_transfer_settings,
    # Editors on Windows write it, and it is part of no name.
    "a byte order mark is passed over": without_mark,
    # It is no region, and a store that looks at it refuses it.
    "other-v4-signature is no region": without_other_v4,
    "names outside ASCII": plain_name,
    # Nothing of the store is at Amazon's hosts.
    "the host of the provider's region": host_of_region,
    # rclone signs for us-east-1 where no region is configured, which a store that looks at it
    # refuses.
    "the region of the endpoint's host": region_of_host,
    # Path style is refused by these stores, whatever rclone makes of an endpoint without its
    # provider.
    "virtual style of stores that have no other": style_of_store,
}
"""What the program means otherwise: a configuration with which rclone means the same."""


def values_of(configuration, option):
    """What files and variables say of an option, quotes and all."""
    found = [
        value
        for name, value in configuration.env.items()
        if name.startswith("RCLONE_")
        and re.search(rf"(?<!_ACCELERATE)_{option}$", name, re.IGNORECASE)
    ]
    for text in configuration.files.values():
        for line in text.lines:
            if match := re.match(rf"\s*{option}\s*[=:]\s*(.*)", line):
                found.append(match[1].strip())
    return found


def quoted_key(configuration, theirs):
    values = (
        values_of(configuration, "access_key_id")
        + values_of(configuration, "secret_access_key")
        + values_of(configuration, "session_token")
    )
    return any(value[:1] in ("'", '"', "`") and value[:1] == value[-1:] for value in values)


def region_of_another(configuration, theirs):
    """A region that only one of the two stores has, at the other."""
    regions = [
        theirs.parts["region"],
        *values_of(configuration, "region"),
        *values_of(configuration, "location_constraint"),
    ]
    of_ibm = "IBMCOS" in values_of(configuration, "provider")
    return theirs.parts["host"].endswith("amazonaws.com") and any(
        region.startswith(("us-east-", "us-west-", "eu-central-"))
        if of_ibm
        else region in ("us-south", "eu-de")
        for region in regions
    )


def no_host(configuration, theirs):
    return "amazonaws.com" in theirs.parts["host"] and values_of(configuration, "provider") != ["AWS"]


def key_with_more(configuration, theirs):
    """A comment or white space belongs to the value, and to no key."""
    names = ("access_key_id", "secret_access_key", "session_token")
    return any(re.search(r"\s", value) for name in names for value in values_of(configuration, name))


def half_pair(configuration, theirs):
    return any(values_of(configuration, "env_auth"))


def accelerated_endpoint(configuration, theirs):
    """rclone puts `s3-accelerate` for the first label of some hosts, and leaves others as they are."""
    return any(values_of(configuration, "use_accelerate_endpoint")) and any(
        values_of(configuration, "endpoint")
    )


def no_endpoint(configuration, theirs):
    """An endpoint in quotes, or with a comment behind it."""
    return any(re.search("[^A-Za-z0-9.:/-]", value) for value in values_of(configuration, "endpoint"))


def no_region_of_amazon(configuration, theirs):
    return not re.fullmatch(r"[a-z]+(-[a-z]+)+-\d+", theirs.parts["region"])


def no_region(configuration, theirs):
    return bool(re.search("[^!-.0-~]", theirs.parts["region"]))


REFUSALS = {
    "a region of Amazon S3 that cannot be one": (
        r"^`[^`]*` cannot be a region of Amazon S3",
        no_region_of_amazon,
    ),
    "an endpoint that cannot be one": (
        r"^the endpoint of the rclone remote .* (is neither http nor https|has a |has an invalid host name|contains a )",
        no_endpoint,
    ),
    "a region that cannot be one": (r"^the region `[^`]*` is empty or contains a ", no_region),
    "a key with a comment or white space in it": (
        r"has (a comment behind it, which is part of the value|white space in it)$",
        key_with_more,
    ),
    "half a pair, where the environment has a whole one": (
        r"has no `(secret_access_key|access_key_id)`$",
        half_pair,
    ),
    "acceleration beside an endpoint": (
        r"requires accelerated hosts, but the endpoint ",
        accelerated_endpoint,
    ),
    # rclone 1.60 does not know the option; later versions refuse such a value.
    "an option of later versions that is neither true nor false": (
        r"has `use_dual_stack = [^`]*`, which is neither true nor false$",
        lambda configuration, theirs: any(values_of(configuration, "use_dual_stack")),
    ),
    "a key in quotes": (r"is in quotes that are part of the value$", quoted_key),
    "a region of another store": (r"^`[^`]*` is a region of .*, not of ", region_of_another),
    "no host is named, and Amazon S3 is not assumed": (
        r"^the rclone remote `[^`]*` in .* has no endpoint$",
        no_host,
    ),
}
"""What the program refuses where rclone signs: its message, and of which configurations that may be
said.
"""


class Judge:
    def __init__(self, program, home):
        self.program = program
        self.home = home

    def __call__(self, configuration):
        theirs, at = rclone(configuration, self.home)
        ours = self.program.outcome(configuration, at)
        if difference(theirs, ours) is None:
            return "both refuse" if ours.parts is None else "equal"
        names, altered = [], configuration
        for name, alteration in ALTERATIONS.items():
            changed = alteration(altered, theirs)
            if changed != altered:
                names.append(name)
                altered = changed
                altered.write(self.home)
                theirs, at = rclone(altered, self.home)
        if names:
            configuration.write(self.home)
            ours = self.program.outcome(configuration, at)
            if difference(theirs, ours) is None:
                return "both refuse" if ours.parts is None else f"meant: {' + '.join(names)}"
        if theirs.parts is not None and ours.parts is None:
            for name, (pattern, holds) in REFUSALS.items():
                if re.search(pattern, ours.reason) and holds(configuration, theirs):
                    return f"refused: {name}"
        return difference(theirs, ours)


CONTROLS = controls_of(
    ".config/rclone/rclone.conf",
    (
        "[remote]",
        "type = s3",
        "provider = Ceph",
        "access_key_id = AKIDEXAMPLE",
        "secret_access_key = one",
        "endpoint = https://ceph.example.com",
        "region = eu-1",
    ),
    (f"remote:my-bucket/{KEY}",),
    (
        (4, "secret_access_key = two", "another secret access key"),
        (6, "region = eu-2", "another region"),
    ),
)


def version():
    return subprocess.run(
        ["rclone", "version"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[0]


if __name__ == "__main__":
    for tool in ("rclone", "openssl"):
        if not shutil.which(tool):
            sys.exit(missing(f"{tool} is missing"))
    sys.exit(main(__doc__, version, draw_configuration, Judge, CONTROLS))
