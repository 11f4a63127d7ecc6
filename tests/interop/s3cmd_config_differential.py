#!/usr/bin/env python3
"""Draws configurations of s3cmd at random, and compares what `s3cmd --dump-config` and the built
program make of each.

s3cmd makes links of signature version 2 only, so what it has read is put together here as its
requests are (`get_hostname` and `format_uri` in its S3.py), and signed. Compared are scheme,
host, path, access key ID, region and token, and with the signature the secret.

A difference that is meant is an entry of ALTERATIONS (s3cmd, given the same in its own words,
comes to the program's result) or of REFUSALS (the program names what it refuses where s3cmd goes
on). Everything else is a failure.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys

from configurations import (
    HOME,
    Configuration,
    Difference,
    Outcome,
    Text,
    controls_of,
    difference,
    main,
    missing,
    presigned,
    without_byte_order_mark,
)

KEY = "dir/a b+c.txt"
NO_KEYS = "none"
BUCKETS = ("my-bucket", "my-bucket", "dotted.name", "UPPER_case")

HOST_REGIONS = {
    "s3.eu-central-1.amazonaws.com": "eu-central-1",
    "s3.us-south.cloud-object-storage.appdomain.cloud": "us-south",
    "s3.fr-par.scw.cloud": "fr-par",
}

HOSTS = {
    "s3.amazonaws.com": 2,
    "minio.example.com:9000": 3,
    "Ceph.example.org": 1,
    "h.example.com:443": 0.5,
    "h.example.com:80": 0.3,
}
HOSTS |= dict.fromkeys(HOST_REGIONS, 1)

LOCATIONS = {
    "US": 4,
    "EU": 0.7,
    "us-east-1": 1,
    "eu-central-1": 2,
    "us-south": 1,
    "garage": 1,
    "us-west-2": 1,
    "fr-par": 0.5,
}
TRUTHS = {
    "True": 5,
    "False": 5,
    "true": 1,
    "no": 1,
    "yes": 1,
    "0": 1,
    "1": 1,
    "off": 1,
    "On": 1,
    "FALSE": 0.5,
    "maybe": 0.3,
}

HABITS = {
    "section": 1.0,
    "second section": 0.6,
    "no section": 0.2,
    "quotes": 0.6,
    "single quotes": 0.3,
    "tight": 0.6,
    "loose": 0.6,
    "indented": 0.5,
    "comments": 0.8,
    "comment behind": 0.5,
    "colon": 0.2,
    "upper case": 0.4,
    "BOM": 0.3,
    "CRLF": 0.5,
    "duplicate": 0.7,
    "variable": 0.8,
    "junk line": 0.4,
    "empty": 0.5,
    "spaces behind": 0.5,
    "scheme": 0.6,
    "percent": 0.2,
    "unicode spaces": 0.2,
    "no end": 0.2,
    "braces": 0.2,
    "variable of variable": 0.2,
}


def secret(number):
    return f"wJalr/XUtnF+EMI{number}="


def draw_options(draw):
    options = [("access_key", "AKIAEXAMPLE1"), ("secret_key", secret(1))]
    if draw.chance(0.03):
        options.pop(1)
    if draw.chance(0.2):
        options.append(("access_token", "IQoJ1//token=="))
    if draw.chance(0.93):
        host = draw.weighted(HOSTS)
        options.append(("host_base", host))
        if draw.chance(0.8):
            same = draw.chance(0.85)
            other = host if same else "other.example.com"
            form = draw.weighted(
                {"%(bucket)s.{}": 4, "{}": 3, "{}/%(bucket)": 0.3, "%(bucket)s.{} ": 0.2}
            )
            options.append(("host_bucket", form.format(other)))
    if draw.chance(0.4):
        options.append(("bucket_location", draw.weighted(LOCATIONS)))
    if draw.chance(0.5):
        options.append(("use_https", draw.weighted(TRUTHS)))
    if draw.chance(0.15):
        options.append(("signature_v2", draw.weighted(TRUTHS)))
    for name, value in (
        ("check_ssl_certificate", "True"),
        ("website_endpoint", "http://%(bucket)s.s3-website.com/"),
        ("gpg_command", "/usr/bin/gpg"),
    ):
        if draw.chance(0.3):
            options.append((name, value))
    draw.random.shuffle(options)
    return options


def draw_configuration(draw):
    habits = {name for name, weight in HABITS.items() if draw.chance(0.15 * weight)}
    env, lines = {}, []
    if "no section" not in habits:
        lines.append(
            draw.choice(["[ default ]", "[DEFAULT]", "[mine]", "[default] # mine", " [default]"])
            if "section" in habits
            else "[default]"
        )
    options = draw_options(draw)
    for at, (name, value) in enumerate(options):
        if "scheme" in habits and name in ("host_base", "host_bucket") and draw.chance(0.6):
            value = draw.choice(["https://", "http://"]) + value
        if "variable" in habits and draw.chance(0.3):
            variable = f"MY_{name.upper()}"
            if draw.chance(0.85):
                env[variable] = value
            value = f"${variable}"
        if "variable of variable" in habits and draw.chance(0.3):
            env["MY_FIRST"], env["MY_SECOND"] = "$MY_SECOND", value
            value = "$MY_FIRST"
        if "braces" in habits and draw.chance(0.2):
            env["MY_BRACES"] = value
            value = "${MY_BRACES}"
        if "unicode spaces" in habits and draw.chance(0.3):
            value += draw.choice(["\u00a0", "\u3000"])
        if "empty" in habits and draw.chance(0.15):
            value = ""
        if "percent" in habits and name == "secret_key":
            value += "%%"
        if "quotes" in habits and draw.chance(0.5):
            value = f'"{value}"'
        if "single quotes" in habits and draw.chance(0.4):
            value = f"'{value}'"
        if "comment behind" in habits and draw.chance(0.3):
            value += draw.choice([" # mine", " ; mine"])
        if "spaces behind" in habits and draw.chance(0.4):
            value += draw.choice([" ", "\t", "  "])
        if "upper case" in habits and draw.chance(0.4):
            name = draw.choice([name.upper(), name.title()])
        separator = " = "
        if "colon" in habits and draw.chance(0.4):
            separator = ": "
        elif "tight" in habits:
            separator = "="
        elif "loose" in habits:
            separator = draw.choice(["   =   ", "\t=\t"])
        indent = draw.choice(["  ", "\t"]) if "indented" in habits and draw.chance(0.5) else ""
        lines.append(f"{indent}{name}{separator}{value}")
        if "comments" in habits and draw.chance(0.2):
            lines.append(
                draw.choice(["# access_key = OTHER", "  # note", "; access_key = OTHER", ""])
            )
        if "junk line" in habits and draw.chance(0.15):
            lines.append(draw.choice(["nonsense", "= x", "my-key = x", "[unclosed"]))
        if "second section" in habits and draw.chance(0.2):
            lines.append(draw.choice(["[mine]", "[default]", "[other]"]))
        if "duplicate" in habits and draw.chance(0.2):
            name, value = draw.choice(options[: at + 1])
            lines.append(
                f"{name} = {value if draw.chance(0.3) else draw.choice(['AKIAEXAMPLE2', secret(2), 'h2.example.com'])}"
            )
    end = "\r\n" if "CRLF" in habits else "\n"
    text = Text(tuple(lines), end, "BOM" in habits, ends_open="no end" in habits)
    place = ".s3cfg"
    if draw.chance(0.3):
        place = "elsewhere/s3cfg"
        env["S3CMD_CONFIG"] = f"{HOME}/{place}"
    words = (f"{draw.choice(BUCKETS)}/{KEY}",)
    if draw.chance(0.4):
        words += ("--credentials-from", "s3cmd")
    return Configuration({place: text}, env, words)


# --------------------------------------------------------------------------------------- comparison


class S3cmd:
    def __init__(self, home):
        self.home = home
        self.read = {}

    def settings(self, configuration):
        """What s3cmd has read, or why it has not. It starts slowly, so what it printed is kept."""
        about = (tuple(configuration.files.items()), tuple(configuration.env.items()))
        if about not in self.read:
            self.read[about] = self.ask(configuration)
        return self.read[about]

    def ask(self, configuration):
        # Without keys s3cmd would request the metadata service of an EC2 instance; keys of the
        # environment come before.
        environment = configuration.environment(self.home) | {
            "AWS_ACCESS_KEY": NO_KEYS,
            "AWS_SECRET_KEY": NO_KEYS,
        }
        path = environment.get("S3CMD_CONFIG", f"{self.home}/.s3cfg")
        done = subprocess.run(
            ["s3cmd", "--dump-config", "-c", path],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            return None, next(
                (line for line in lines if "Error" in line or "ERROR" in line),
                lines[-1] if lines else "no reason",
            )
        read = re.findall(r"^(\w+) = (.*)$", done.stdout.decode(), re.MULTILINE)
        return dict(read), ""

    def outcome(self, configuration, region_names):
        read, reason = self.settings(configuration)
        if read is None:
            return Outcome(None, reason)
        if read["signature_v2"] == "True":
            return Outcome(None, "signs with version 2")
        if read["access_key"] == NO_KEYS:
            return Outcome(None, "no keys")
        bucket, _, key = configuration.words[0].partition("/")
        is_https = read["use_https"] == "True"
        of_bucket = "%(bucket)s" in read["host_bucket"] and re.fullmatch(
            r"[0-9a-z](?!.*-\.)[a-z0-9.-]*[0-9a-z]", bucket
        )
        host = (
            read["host_bucket"].lower() % {"bucket": bucket}
            if of_bucket
            else read["host_base"].lower()
        )
        host = host.removesuffix(":443" if is_https else ":80")
        path = f"/{key}" if of_bucket else f"/{bucket}/{key}"
        region = region_names.get(read["bucket_location"], read["bucket_location"])
        if callable(region):
            region = region(read)
        link = presigned(
            "https" if is_https else "http",
            host,
            path,
            read["access_key"],
            read["secret_key"],
            read["access_token"],
            region,
        )
        return Outcome.of_url(link)


def without_mark(judge, configuration):
    return without_byte_order_mark(configuration)


def host_base_alone(judge, configuration):
    """Without `host_bucket` s3cmd sends what belongs to a bucket to Amazon S3, wherever `host_base`
    is.
    """
    read, _ = judge.s3cmd.settings(configuration)
    if (
        read is None
        or read["host_bucket"] != "%(bucket)s.s3.amazonaws.com"
        or read["host_base"] == "s3.amazonaws.com"
    ):
        return configuration
    name, text = next(iter(configuration.files.items()))
    lines = (*text.lines, f"host_bucket = {read['host_base']}")
    return configuration.replaced(files={name: dataclasses.replace(text, lines=lines)})


def region_of_host(read):
    # The URL has the host of buckets.
    of_bucket = read["host_bucket"].lower().removeprefix("%(bucket)s.")
    hosts = (read["host_base"].lower(), of_bucket)
    return next((HOST_REGIONS[host] for host in hosts if host in HOST_REGIONS), "us-east-1")


# s3cmd signs for the name as it stands, and once more for the region that the store's refusal
# names.
REGION_NAMES = {"US": region_of_host, "": region_of_host, "EU": "eu-west-1"}

ALTERATIONS = {
    # Editors on Windows write it, and it is part of no name. s3cmd passes over the line that begins
    # with it.
    "a byte order mark is passed over": without_mark,
    # The keys of one store are of no use at another, and s3cmd's request for the bucket would go to
    # Amazon S3.
    "host_base alone is the host of buckets too": host_base_alone,
}
"""What the program means otherwise: a configuration with which s3cmd means the same."""


def no_host(judge, configuration, theirs):
    names = [line.strip() for text in configuration.files.values() for line in text.lines]
    of_amazon = theirs.parts["host"].endswith("s3.amazonaws.com") and not any(
        re.match(r"host_base\s*=\s*(https?://)?s3\.amazonaws\.com", name.replace('"', ""))
        for name in names
    )
    # The host of buckets alone is not the host of the store.
    has_host = any(re.match(r"host_base\s*=\s*\S", name) for name in names)
    return of_amazon or not has_host or not theirs.parts["host"]


def half_pair(judge, configuration, theirs):
    read, _ = judge.s3cmd.settings(configuration)
    return read is not None and not read["secret_key"]


def quoted_key(judge, configuration, theirs):
    read, _ = judge.s3cmd.settings(configuration)
    values = [read[name] for name in ("access_key", "secret_key", "access_token")] if read else []
    return any(value[:1] in ("'", '"') and value[:1] == value[-1:] for value in values)


def no_host_name(judge, configuration, theirs):
    read, _ = judge.s3cmd.settings(configuration)
    hosts = [read["host_base"], read["host_bucket"].replace("%(bucket)s", "b")] if read else []
    return any(not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", host) for host in hosts)


def host_with_path(judge, configuration, theirs):
    read, _ = judge.s3cmd.settings(configuration)
    return read is not None and "/" in read["host_base"] + read["host_bucket"]


def no_region(judge, configuration, theirs):
    read, _ = judge.s3cmd.settings(configuration)
    return read is not None and not re.fullmatch(r"[!-.0-~]+", read["bucket_location"])


def key_with_more(judge, configuration, theirs):
    """A comment or white space belongs to the value, and to no key."""
    read, _ = judge.s3cmd.settings(configuration)
    values = [read[name] for name in ("access_key", "secret_key", "access_token")] if read else []
    return any(re.search(r"\s", value.strip()) for value in values)


def unset_variable(judge, configuration, theirs):
    lines = [line for text in configuration.files.values() for line in text.lines]
    values = [line.partition("=")[2].strip(' "\t') for line in lines]
    # A key that is the name of a variable again is a mistake too.
    values += configuration.env.values()
    return any(value.startswith("$") and value[1:] not in configuration.env for value in values)


def no_key_of_a_store(judge, configuration, theirs):
    return not re.fullmatch(r"[!-.0-~]+", theirs.parts["access key ID"])


REFUSALS = {
    "a host that cannot be one": (
        r"^the endpoint of the account of s3cmd .* (has a (port that is not a number|host name that cannot be|`)|has an invalid host name|contains a )",
        no_host_name,
    ),
    "an access key with a space or a slash in it": (
        r"^the access key ID is empty or contains a ",
        no_key_of_a_store,
    ),
    "no host is named, and Amazon S3 is not assumed": (r"^cannot determine the endpoint of", no_host),
    "an access key without its secret": (r"has no `secret_key`$", half_pair),
    "a host with a path": (r"has a path, and a host has none$", host_with_path),
    "a region that cannot be one": (r"^the region `[^`]*` is empty or contains a ", no_region),
    "a variable that is not set": (r"is the variable `[^`]*`, which is not set$", unset_variable),
    "a key with a comment or white space in it": (
        r"has (a comment behind it, which is part of the value|white space in it)$",
        key_with_more,
    ),
    "a key in quotes": (r"is in quotes that are part of the value$", quoted_key),
}
"""What the program refuses where s3cmd signs: its message, and of which configurations that may be
said.
"""


class Judge:
    def __init__(self, program, home):
        self.program = program
        self.home = home
        self.s3cmd = S3cmd(home)

    def theirs(self, configuration, names):
        for name in names:
            configuration = ALTERATIONS[name](self, configuration)
        configuration.write(self.home)
        return self.s3cmd.outcome(configuration, REGION_NAMES)

    def __call__(self, configuration):
        ours = self.program.outcome(configuration)
        theirs = self.theirs(configuration, [])
        if difference(theirs, ours) is None:
            return "both refuse" if ours.parts is None else "equal"
        names = [
            name
            for name, alteration in ALTERATIONS.items()
            if alteration(self, configuration) != configuration
        ]
        if names:
            theirs = self.theirs(configuration, names)
            if difference(theirs, ours) is None:
                return "both refuse" if theirs.parts is None else f"meant: {' + '.join(names)}"
        if theirs.parts is not None and ours.parts is None:
            for name, (pattern, holds) in REFUSALS.items():
                if re.search(pattern, ours.reason) and holds(self, configuration, theirs):
                    return f"refused: {name}"
        return difference(theirs, ours)


CONTROLS = controls_of(
    ".s3cfg",
    (
        "[default]",
        "access_key = AKIDEXAMPLE",
        "secret_key = one",
        "host_base = minio.example.com",
        "host_bucket = minio.example.com",
        "bucket_location = eu-1",
    ),
    (f"my-bucket/{KEY}",),
    (
        (2, "secret_key = two", "another secret access key"),
        (5, "bucket_location = eu-2", "another region"),
    ),
)


def version():
    return subprocess.run(
        ["s3cmd", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    if not shutil.which("s3cmd"):
        sys.exit(missing("s3cmd is missing"))
    sys.exit(main(__doc__, version, draw_configuration, Judge, CONTROLS))
