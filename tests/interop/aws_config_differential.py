#!/usr/bin/env python3
"""Draws configurations of AWS's tools at random, and compares what botocore and the built program
make of each.

Both get the same files and variables and presign the same GET at the same time. Compared are
scheme, host, path, access key ID, region and token, and with the signature the secret. Roles are
assumed at a token service of the test's own, which gives keys that tell by whom, with which token
and for which role it was asked.

A difference that is meant is an entry of ALTERATIONS (botocore, given the same in its own words,
comes to the program's result) or of REFUSALS (the program names what it refuses where botocore
goes on). Everything else is a failure.
"""

from __future__ import annotations

import configparser
import contextlib
import dataclasses
import datetime
import hashlib
import http.server
import importlib
import json
import logging
import os
import re
import sys
import threading
import types
import warnings
from urllib.parse import parse_qs

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
    without_byte_order_mark,
)

BUCKETS = ("my-bucket", "my-bucket", "my-bucket", "dotted.name", "UPPER_case")
KEY = "dir/a b+c.txt"

# ----------------------------------------------------------------------------------------- botocore


class Botocore:
    """botocore in this process, with its switches for what the program means to do otherwise."""

    def __init__(self):
        self.sdk = importlib.import_module("botocore")
        for module in (
            "auth",
            "config",
            "configloader",
            "credentials",
            "loaders",
            "session",
            "signers",
        ):
            importlib.import_module(f"botocore.{module}")
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        self.loader = self.sdk.loaders.create_loader()
        self.strict = self.keeps_empty_values = True
        now = datetime.datetime.strptime(AT, "%Y%m%dT%H%M%SZ")
        self.sdk.auth.get_current_datetime = lambda remove_tzinfo=True: now
        self.sdk.credentials._local_now = lambda: now.replace(tzinfo=datetime.timezone.utc)
        # Without a style botocore presigns for the global host; links then depend on redirects.
        self.sdk.signers._should_use_global_endpoint = lambda client: False
        loader = self.sdk.configloader
        loader.configparser = types.SimpleNamespace(
            Error=configparser.Error,
            RawConfigParser=lambda: configparser.RawConfigParser(strict=self.strict),
        )
        raw_config_parse = loader.raw_config_parse

        def parse(*arguments, **options):
            sections = raw_config_parse(*arguments, **options)
            if self.keeps_empty_values:
                return sections
            return {
                name: {option: value for option, value in options.items() if value != ""}
                for name, options in sections.items()
            }

        loader.raw_config_parse = parse

    @contextlib.contextmanager
    def environment(self, configuration, home):
        before, folder = dict(os.environ), os.getcwd()
        os.chdir(home)
        os.environ.clear()
        os.environ.update(configuration.environment(home))
        os.environ["AWS_MAX_ATTEMPTS"] = "1"
        try:
            yield
        finally:
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(before)

    def session(self):
        session = self.sdk.session.Session()
        session.register_component("data_loader", self.loader)
        return session

    def settings(self, configuration, home):
        """The region and the endpoint URL that are configured, if they can be found out."""
        configuration.write(home)
        before = self.strict, self.keeps_empty_values
        self.strict = self.keeps_empty_values = False
        try:
            return self.settings_as_meant(configuration, home)
        finally:
            self.strict, self.keeps_empty_values = before

    def settings_as_meant(self, configuration, home):
        with self.environment(configuration, home):
            try:
                session = self.session()
                region = session.get_config_variable("region")
                provider = importlib.import_module(
                    "botocore.configprovider"
                ).ConfiguredEndpointProvider(
                    full_config=session.full_config,
                    scoped_config=session.get_scoped_config(),
                    client_name="s3",
                )
                ignored = session.get_config_variable("ignore_configured_endpoint_urls")
                return region, None if ignored else provider.provide()
            except Exception:
                return None, None

    def outcome(self, configuration, home):
        with self.environment(configuration, home):
            try:
                client = self.session().create_client(
                    "s3",
                    config=self.sdk.config.Config(
                        signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional"}
                    ),
                )
                bucket, _, key = configuration.words[0].partition("/")
                url = client.generate_presigned_url(
                    "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=int(EXPIRES)
                )
            # What botocore cannot read it meets with errors of many kinds, its own and Python's.
            except Exception as error:
                return Outcome(None, f"{type(error).__name__}: {error}".replace("\n", " "))
        outcome = Outcome.of_url(url)
        if not self.keeps_empty_values and outcome.parts["token"] == "":
            return self.without_token(configuration, home)
        return outcome

    def without_token(self, configuration, home):
        """An empty token of a process is none, as in a file."""
        original = self.sdk.credentials.Credentials.__init__

        def init(credentials, access_key, secret_key, token=None, *rest, **options):
            original(credentials, access_key, secret_key, token or None, *rest, **options)

        self.sdk.credentials.Credentials.__init__ = init
        keeps, self.keeps_empty_values = self.keeps_empty_values, True
        try:
            return self.outcome(configuration, home)
        finally:
            self.sdk.credentials.Credentials.__init__ = original
            self.keeps_empty_values = keeps


class TokenService(http.server.BaseHTTPRequestHandler):
    """Gives keys that are made of the asker's id and token and of what was asked for."""

    def do_GET(self):
        """The keys of a container."""
        response = json.dumps(
            {
                "AccessKeyId": "ASIACONTAINER",
                "SecretAccessKey": secret("container"),
                "Token": "container/token==",
                "Expiration": "2099-01-01T00:00:00Z",
            }
        ).encode()
        self.respond("application/json", response)

    def do_POST(self):
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        action = body["Action"][0]
        asker = re.search(r"Credential=([^/]*)", self.headers.get("Authorization", ""))
        asked = [asker and asker[1], self.headers.get("X-Amz-Security-Token")]
        asked += [
            body.get(name)
            for name in ("RoleArn", "ExternalId", "DurationSeconds", "WebIdentityToken")
        ]
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        response = (
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
            f"<AccessKeyId>ASIA{digest[:16].upper()}</AccessKeyId><SecretAccessKey>{digest}</SecretAccessKey>"
            f"<SessionToken>by {asker and asker[1]}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            "<AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/b</Arn></AssumedRoleUser>"
            f"</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        ).encode()
        self.respond("text/xml", response)

    def respond(self, kind, response):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(response)))
        self.end_headers()
        self.wfile.write(response)

    def log_message(self, *words):
        pass


SERVICE = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TokenService)
threading.Thread(target=SERVICE.serve_forever, daemon=True).start()
STS = f"http://127.0.0.1:{SERVICE.server_port}"

# ------------------------------------------------------------------------------------------ drawing

HOST_REGIONS = {
    "s3.us-south.cloud-object-storage.appdomain.cloud": "us-south",
    "s3.private.eu-de.cloud-object-storage.appdomain.cloud": "eu-de",
    "s3.eu-west-1.amazonaws.com": "eu-west-1",
    "s3.eu-central-003.backblazeb2.com": "eu-central-003",
}

ENDPOINTS = {
    "http://127.0.0.1:9000": 3,
    "https://minio.example.com": 6,
    "https://minio.example.com:9443/": 1,
    "https://gw.example.com/base": 1,
    "minio.example.com:9000": 0.5,
    "http://[::1]:9000": 0.4,
    "https://MinIO.example.com": 0.4,
    "http://minio.example.com:80": 0.3,
    "https://minio.example.com:443": 0.3,
    "https://minio.example.com/?x=y": 0.2,
    "https://id:secret@minio.example.com": 0.1,
    "ftp://minio.example.com": 0.1,
    "https://": 0.1,
    '"https://minio.example.com"': 0.5,
} | {f"https://{host}": 1.5 for host in HOST_REGIONS}

REGIONS = {
    "us-east-1": 6,
    "us-west-2": 6,
    "eu-central-1": 6,
    "ap-southeast-3": 2,
    "cn-north-1": 1,
    "us-gov-west-1": 1,
    "us-iso-east-1": 0.5,
    "eusc-de-east-1": 0.5,
    "us-isob-east-1": 0.3,
    "us-isof-south-1": 0.2,
    "eu-isoe-west-1": 0.2,
    "ca-west-1": 0.3,
    "mx-central-1": 0.3,
    "il-central-1": 0.3,
    "us_east_1": 0.2,
    "us-east-1-": 0.1,
    "12345": 0.1,
    "me-west-1": 1,
    "eu-north-9": 0.5,
    "cn-south-1": 0.3,
    "us-south": 1,
    "eu-de": 1,
    "mars": 0.4,
    "US-EAST-1": 0.3,
    "aws-global": 0.3,
    '"us-west-2"': 0.4,
    "'eu-west-1'": 0.1,
    "garage": 0.3,
}

IBM_REGIONS = ("us-south", "eu-de")

PROFILES = {
    "default": 6,
    "work": 5,
    "my work": 1,
    "Work": 0.7,
    "ü-prod": 1,
    "a.b/c@d": 0.7,
    "1": 0.3,
    "日本": 0.4,
    "team:x": 0.3,
    "profile": 0.2,
    "it's": 0.2,
    "two  spaces": 0.2,
    "dev#1": 0.2,
}

TRUTHS = {"true": 5, "false": 2, "True": 1, "TRUE": 0.5, "yes": 0.3, "1": 0.3}

HABITS = {
    "odd indentation": 1.0,
    "tabs": 0.5,
    "indented headers": 0.4,
    "continuation": 0.6,
    "comment behind": 0.7,
    "comments": 1.2,
    "duplicate option": 0.5,
    "duplicate section": 0.4,
    "upper case": 0.5,
    "BOM": 0.4,
    "CRLF": 0.7,
    "CR": 0.1,
    "quotes": 0.5,
    "colon": 0.4,
    "tight": 0.7,
    "loose": 0.5,
    "empty value": 0.6,
    "no value": 0.3,
    "header comment": 0.3,
    "header spaces": 0.4,
    "wrong header": 0.6,
    "upper header": 0.3,
    "junk line": 0.25,
    "child colon": 0.3,
    "child upper": 0.3,
    "odd spaces": 0.3,
    "blank lines": 0.7,
    "no end": 0.2,
    "percent": 0.3,
    "child comment": 0.4,
    "child duplicate": 0.2,
    "default section": 0.2,
    "wrong shape": 0.3,
    "unknown section": 0.4,
    "other settings": 0.8,
    "deep children": 0.2,
}

OTHER_SETTINGS = {
    "retry_mode": ("standard", "bogus"),
    "max_attempts": ("3", "0", "many"),
    "defaults_mode": ("standard", "bogus"),
    "parameter_validation": ("false", "maybe"),
    "tcp_keepalive": ("true", "maybe"),
    "cli_auto_prompt": ("on", "bogus"),
    "sts_regional_endpoints": ("regional", "bogus"),
    "request_checksum_calculation": ("when_required", "bogus"),
    "response_checksum_validation": ("when_supported", "bogus"),
    "account_id_endpoint_mode": ("preferred", "bogus"),
    "disable_request_compression": ("true", "maybe"),
    "request_min_compression_size_bytes": ("1024", "many"),
    "metadata_service_timeout": ("5", "soon"),
    "user_agent_appid": ("my-app",),
    "api_versions": ("",),
    "aws_account_id": ("123456789012",),
    "mfa_process": ("/bin/true",),
    "credential_cache": ("x",),
}
"""Settings of AWS's tools that no URL depends on."""


@dataclasses.dataclass
class Option:
    name: str
    value: str = ""
    children: list = dataclasses.field(default_factory=list)


def secret(number):
    return f"wJalr/XUtnF+EMI{number}="


def keys(draw, number, token=0.3, whole=0.97):
    """Id, secret and token of the same number, and now and then not all of them."""
    options = [
        Option("aws_access_key_id", f"AKIAEXAMPLE{number}"),
        Option("aws_secret_access_key", secret(number)),
    ]
    if not draw.chance(whole):
        options.pop(draw.random.randrange(2))
    if draw.chance(token):
        options.append(
            Option(
                draw.weighted({"aws_session_token": 5, "aws_security_token": 1}),
                f"IQoJ{number}//token+{number}==",
            )
        )
        if draw.chance(0.1):
            options.append(Option("aws_security_token", f"old{number}"))
    if draw.chance(0.08):
        name = draw.choice(
            [
                "aws_credential_expiration",
                "x_security_token_expires",
                "expiration",
                "aws_expiration",
            ]
        )
        options.append(
            Option(
                name,
                draw.choice(
                    ["2099-01-01T00:00:00Z", "2099-01-01T00:00:00+00:00", "2099-01-01 00:00:00"]
                ),
            )
        )
    draw.random.shuffle(options)
    return options


def s3_children(draw):
    children = []
    if draw.chance(0.7):
        style = draw.weighted({"path": 4, "virtual": 4, "auto": 2, "Path": 0.2, "dns": 0.1})
        children.append(("addressing_style", style))
    if draw.chance(0.2):
        children.append(
            (
                draw.choice(["use_accelerate_endpoint", "use_dualstack_endpoint"]),
                draw.weighted(TRUTHS),
            )
        )
    if draw.chance(0.5):
        children.append((draw.choice(["max_concurrent_requests", "multipart_threshold"]), "20"))
    if draw.chance(0.1):
        children.append(("endpoint_url", "https://misplaced.example.com"))
    if draw.chance(0.1):
        children.append(("payload_signing_enabled", "true"))
    draw.random.shuffle(children)
    return children


def services_section(draw):
    options = []
    if draw.chance(0.8):
        options.append(Option("s3", children=[("endpoint_url", draw.weighted(ENDPOINTS))]))
    if draw.chance(0.4):
        options.append(Option("dynamodb", children=[("endpoint_url", "http://localhost:8000")]))
    if draw.chance(0.1):
        options.append(Option("endpoint_url", "https://misplaced.example.com"))
    return options


def settings(draw, habits):
    """What a profile says of the store."""
    options = []
    if draw.chance(0.75):
        options.append(Option("region", draw.weighted(REGIONS)))
    if draw.chance(0.2):
        options.append(Option("endpoint_url", draw.weighted(ENDPOINTS)))
    if draw.chance(0.3) and (children := s3_children(draw)):
        options.append(Option("s3", children=children))
    for name, chance in (
        ("use_fips_endpoint", 0.06),
        ("use_dualstack_endpoint", 0.06),
        ("ignore_configured_endpoint_urls", 0.05),
    ):
        if draw.chance(chance):
            options.append(Option(name, draw.weighted(TRUTHS)))
    if draw.chance(0.03):
        options.append(
            Option("sigv4a_signing_region_set", draw.choice(["*", "us-east-1,us-west-2"]))
        )
    if draw.chance(0.4):
        options.append(
            draw.choice(
                [
                    Option("output", "json"),
                    Option("cli_pager", "less"),
                    Option("cli_timestamp_format", "iso8601"),
                ]
            )
        )
    if "other settings" in habits:
        for name in draw.random.sample(list(OTHER_SETTINGS), 3):
            options.append(Option(name, draw.choice(OTHER_SETTINGS[name])))
    if "wrong shape" in habits and draw.chance(0.3):
        options.append(
            draw.choice(
                [
                    Option("s3", "text"),
                    Option("region", children=[("us", "east")]),
                    Option("endpoint_url", children=[("a", "b")]),
                    Option("services", children=[("a", "b")]),
                    Option("use_fips_endpoint", children=[("a", "b")]),
                    Option("source_profile", "x"),
                    Option("credential_source", "Environment"),
                ]
            )
        )
    if draw.chance(0.02):
        options.append(Option("sso_session", "nowhere"))
    draw.random.shuffle(options)
    return options


def process(draw, files):
    """A program that prints credentials."""
    printed = {"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": secret("process")}
    if draw.chance(0.6):
        printed["SessionToken"] = draw.weighted({"process/token==": 4, "": 1})
    if draw.chance(0.4):
        printed["Expiration"] = draw.choice(
            [
                "2099-01-01T00:00:00Z",
                "2099-01-01T00:00:00+00:00",
                "2099-01-01T00:00:00.000Z",
                "2099-01-01T01:00:00+0100",
            ]
        )
    if draw.chance(0.08):
        printed["Version"] = draw.choice([2, "1"])
    if draw.chance(0.05):
        del printed[draw.choice(["Version", "SecretAccessKey", "AccessKeyId"])]
    if draw.chance(0.1):
        printed["AccountId"] = "123456789012"
    lines = ["#!/bin/sh"]
    if draw.chance(0.1):
        lines.append("echo 'Signing in' >&2")
    if draw.chance(0.05):
        lines.append("echo noise")
    lines.append(f"echo '{json.dumps(printed)}'")
    if draw.chance(0.06):
        lines.append("exit 1")
    name = draw.weighted({"get-keys": 5, "my tools/get-keys": 1})
    files[name] = Text(tuple(lines), executable=True)
    if " " in name:
        return draw.choice([f'"{HOME}/{name}"', f"{HOME}/my\\ tools/get-keys"])
    return draw.weighted({f"{HOME}/{name}": 5, f"{HOME}/{name} --profile x": 2, f"~/{name}": 1})


def role(draw, names):
    options = [Option("role_arn", "arn:aws:iam::123456789012:role/reader")]
    kind = draw.random.random()
    if kind < 0.75:
        options.append(Option("source_profile", draw.choice(names)))
    elif kind < 0.9:
        options.append(
            Option("credential_source", draw.choice(["Environment", "Environment", "Nowhere"]))
        )
    if draw.chance(0.2):
        options.append(Option("external_id", "e-1"))
    if draw.chance(0.2):
        options.append(Option("duration_seconds", draw.choice(["900", "900", "soon"])))
    if draw.chance(0.1):
        options.append(Option("role_session_name", "me"))
    return options


def web_identity(draw, files):
    """A role for a token in a file."""
    files["token"] = Text(("eyJhbGciOi.x.y",))
    path = draw.weighted({f"{HOME}/token": 6, f"{HOME}/none": 1})
    return [
        Option("role_arn", "arn:aws:iam::123456789012:role/web"),
        Option("web_identity_token_file", path),
    ]


def header(draw, habits, kind, name, in_config):
    """The line with the name of a section."""
    prefix = kind if kind != "profile" else "profile" if in_config and name != "default" else ""
    if kind == "profile" and in_config and name == "default" and draw.chance(0.1):
        prefix = "profile"
    if "wrong header" in habits and draw.chance(0.5):
        prefix = draw.choice(["", "profile", "Profile", "profiles"]) if kind == "profile" else kind
    quotes = " " in name if draw.chance(0.9) else draw.chance(0.3)
    if prefix and quotes:
        quote = draw.choice('""\'')
        name = f"{quote}{name}{quote}"
    if "upper header" in habits and draw.chance(0.5):
        name = name.upper()
    gap = draw.choice([" ", "  ", "\t"]) if "header spaces" in habits else " "
    text = f"{prefix}{gap}{name}" if prefix else name
    if "header spaces" in habits and draw.chance(0.5):
        text = f" {text} "
    line = f"[{text}]"
    if "header comment" in habits:
        line += draw.choice([" # mine", " ; mine", "  "])
    if "indented headers" in habits and draw.chance(0.5):
        line = draw.choice([" ", "  ", "\t"]) + line
    return line


def option_lines(draw, habits, option, indent):
    name, value = option.name, option.value
    if "upper case" in habits and draw.chance(0.5):
        name = draw.choice([name.upper(), name.title()])
    if "empty value" in habits and draw.chance(0.2) and not option.children:
        value = ""
    if "quotes" in habits and draw.chance(0.3) and value:
        quote = draw.choice("\"'")
        value = f"{quote}{value}{quote}"
    if "percent" in habits and draw.chance(0.2) and value:
        value += draw.choice(["%(x)s", "%", "$HOME"])
    if "comment behind" in habits and draw.chance(0.3):
        value += draw.choice([" # mine", " ; mine", "\t# mine"])
    if "odd spaces" in habits and draw.chance(0.3):
        value += draw.choice(["\u00a0", " \t ", "\u3000", "\u200b"])
    separator = " = "
    if "colon" in habits and draw.chance(0.4):
        separator = draw.choice([": ", ":", " : "])
    elif "tight" in habits:
        separator = "="
    elif "loose" in habits:
        separator = draw.choice(["   =   ", "\t=\t", " =  "])
    if "no value" in habits and draw.chance(0.1):
        return [indent + name]
    lines = [
        f"{indent}{name}{separator}{value}".rstrip(" ")
        if not value
        else f"{indent}{name}{separator}{value}"
    ]
    if "continuation" in habits and len(value) > 6 and draw.chance(0.25):
        at = draw.random.randint(3, len(value) - 3)
        lines = [f"{indent}{name}{separator}{value[:at]}", f"{indent}  {value[at:]}"]
    inner = "    "
    if "tabs" in habits:
        inner = "\t"
    elif "odd indentation" in habits:
        inner = draw.choice([" ", "  ", "      ", ""])
    for child, value in option.children:
        if "child upper" in habits and draw.chance(0.5):
            child = child.upper()
        separator = (
            draw.choice([":", " : "])
            if "child colon" in habits and draw.chance(0.5)
            else draw.choice([" = ", "="])
        )
        if "odd indentation" in habits and draw.chance(0.3):
            inner += draw.choice([" ", "  "])
        lines.append(f"{indent}{inner}{child}{separator}{value}")
        if "child comment" in habits and draw.chance(0.3):
            lines.append(
                draw.choice([f"{indent}{inner}# {child} = other", f"# {child} = other", ""])
            )
        if "child duplicate" in habits and draw.chance(0.3):
            lines.append(
                f"{indent}{inner}{child} = {'path' if child == 'addressing_style' else value}"
            )
    return lines


def render(draw, habits, sections, in_config):
    lines = []
    if "comments" in habits and draw.chance(0.4):
        lines.append(draw.choice(["# AWS", "; AWS", "", "  # AWS"]))
    for kind, name, options in sections:
        lines.append(header(draw, habits, kind, name, in_config))
        indent = ""
        if "odd indentation" in habits and draw.chance(0.4):
            indent = draw.choice([" ", "  ", "\t", "    "])
        for at, option in enumerate(options):
            own = indent
            if "odd indentation" in habits and draw.chance(0.15):
                own = draw.choice(["", " ", "   ", "\t"])
            lines += option_lines(draw, habits, option, own)
            if "comments" in habits and draw.chance(0.15):
                lines.append(
                    draw.choice(["# region = us-east-2", "  # note", "; region = x", "\t; note"])
                )
            if "blank lines" in habits and draw.chance(0.2):
                lines.append(draw.choice(["", "   ", "\t"]))
            if "duplicate option" in habits and draw.chance(0.15) and not option.children:
                again = dataclasses.replace(
                    option, value=option.value if draw.chance(0.3) else option.value + "2"
                )
                lines += option_lines(draw, habits, again, own)
            if "junk line" in habits and draw.chance(0.08):
                lines.append(
                    draw.choice(
                        ["nonsense", "export AWS_PROFILE=x", "--", "= x", "[unclosed", "  nonsense"]
                    )
                )
        if draw.chance(0.6):
            lines.append("")
    end = "\r\n" if "CRLF" in habits else "\r" if "CR" in habits else "\n"
    if "no end" in habits:
        while lines and not lines[-1].strip():
            lines.pop()
    return Text(tuple(lines), end, "BOM" in habits, ends_open="no end" in habits)


def draw_configuration(draw):
    habits = {name for name, weight in HABITS.items() if draw.chance(0.08 * weight)}
    files, env = {}, {}
    name = draw.weighted(PROFILES)
    other = draw.choice([p for p in PROFILES if p != name])
    names = [name, other, other, "nowhere"]

    credentials, config = [], []
    if draw.chance(0.92):
        credentials.append(("profile", name, keys(draw, 1)))
        if draw.chance(0.12):
            credentials[-1][2].extend(settings(draw, habits))
    own = settings(draw, habits)
    if draw.chance(0.2):
        own += keys(draw, 2)
    if draw.chance(0.07):
        own.append(Option("credential_process", process(draw, files)))
    if draw.chance(0.07):
        own += role(draw, names)
        env["AWS_ENDPOINT_URL_STS"] = STS
    elif draw.chance(0.03):
        own += web_identity(draw, files)
        env["AWS_ENDPOINT_URL_STS"] = STS
    if draw.chance(0.14):
        services = draw.weighted({"local": 6, "my services": 1, "missing": 0.5})
        own.append(Option("services", services))
        if services != "missing":
            config.append(("services", services, services_section(draw)))
    if own and draw.chance(0.95):
        config.append(("profile", name, own))
    if draw.chance(0.6):
        credentials.append(("profile", other, keys(draw, 3)))
    if draw.chance(0.5):
        more = keys(draw, 4) if draw.chance(0.2) else []
        if "AWS_ENDPOINT_URL_STS" in env and draw.chance(0.3):
            more += role(draw, names)
        config.append(("profile", other, settings(draw, habits) + more))
    if "unknown section" in habits:
        config.append(
            (
                "",
                draw.choice(["plugins", "preview", "profile", "sso-session corp", "other thing"]),
                [Option("region", "eu-south-1"), Option("cloudfront", "true")],
            )
        )
    if "default section" in habits:
        draw.choice([credentials, config]).append(("", "DEFAULT", settings(draw, habits)))
    if "duplicate section" in habits:
        for sections in (credentials, config):
            if sections and draw.chance(0.6):
                kind, twice, options = draw.choice(sections)
                sections.append((kind, twice, keys(draw, 5) if draw.chance(0.5) else options[:1]))
    draw.random.shuffle(credentials)
    draw.random.shuffle(config)

    places = {"credentials": ".aws/credentials", "config": ".aws/config"}
    for file, variable in (
        ("credentials", "AWS_SHARED_CREDENTIALS_FILE"),
        ("config", "AWS_CONFIG_FILE"),
    ):
        if draw.chance(0.08):
            places[file] = f"elsewhere/{file}"
            env[variable] = draw.weighted(
                {
                    f"{HOME}/elsewhere/{file}": 4,
                    f"~/elsewhere/{file}": 3,
                    f"$HOME/elsewhere/{file}": 0.7,
                    f"elsewhere/{file}": 0.7,
                    f"{HOME}/elsewhere/none": 0.7,
                    "/dev/null": 0.5,
                }
            )
    if credentials:
        files[places["credentials"]] = render(draw, habits, credentials, False)
    if config:
        files[places["config"]] = render(draw, habits, config, True)

    if name != "default" or draw.chance(0.1):
        chosen = name if draw.chance(0.95) else draw.choice([other, "nowhere"])
        variable = draw.weighted({"AWS_PROFILE": 6, "AWS_DEFAULT_PROFILE": 2})
        env[variable] = chosen
        if draw.chance(0.08):
            env.setdefault("AWS_PROFILE", other)
            env.setdefault("AWS_DEFAULT_PROFILE", other)
    drawn = {
        "AWS_REGION": (0.12, REGIONS),
        "AWS_DEFAULT_REGION": (0.12, REGIONS),
        "AWS_ENDPOINT_URL": (0.07, ENDPOINTS),
        "AWS_ENDPOINT_URL_S3": (0.07, ENDPOINTS),
        "AWS_USE_FIPS_ENDPOINT": (0.04, TRUTHS),
        "AWS_USE_DUALSTACK_ENDPOINT": (0.04, TRUTHS),
        "AWS_SIGV4A_SIGNING_REGION_SET": (0.02, {"*": 1}),
    }
    for variable, (chance, values) in drawn.items():
        if draw.chance(chance):
            env[variable] = draw.weighted(values) if draw.chance(0.95) else ""
    if "AWS_ENDPOINT_URL_STS" not in env and draw.chance(0.06):
        env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = draw.weighted(TRUTHS)
    if draw.chance(0.1):
        env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = "AKIAEXAMPLE9", secret(9)
        if draw.chance(0.3):
            env[draw.choice(["AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])] = (
                "IQoJ9=="
            )
        if draw.chance(0.15):
            env["AWS_CREDENTIAL_EXPIRATION"] = draw.choice(
                ["2099-01-01T00:00:00Z", "2099-01-01T00:00:00+00:00"]
            )
        if draw.chance(0.12):
            env[draw.choice(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])] = ""
    elif draw.chance(0.03):
        env["AWS_SESSION_TOKEN"] = "IQoJ9=="
    if draw.chance(0.02):
        files["token"] = Text(("eyJhbGciOi.x.y",))
        env["AWS_WEB_IDENTITY_TOKEN_FILE"] = f"{HOME}/token"
        env["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/env"
        env["AWS_ENDPOINT_URL_STS"] = STS
    if draw.chance(0.02):
        env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{STS}/keys"
    if "other settings" in habits and draw.chance(0.5):
        name = draw.choice(["AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_REQUEST_CHECKSUM_CALCULATION"])
        env[name] = draw.choice(["standard", "2", "bogus", ""])
    return Configuration(files, env, (f"{draw.choice(BUCKETS)}/{KEY}",))


# --------------------------------------------------------------------------------------- comparison


def without_mark(judge, configuration):
    return without_byte_order_mark(configuration)


def without_empty_variables(judge, configuration):
    return configuration.with_env(
        **{name: None for name, value in configuration.env.items() if not value}
    )


def profile_before_default(judge, configuration):
    if configuration.env.get("AWS_PROFILE"):
        return configuration.with_env(AWS_DEFAULT_PROFILE=None)
    return configuration


def region_variable(judge, configuration):
    if region := configuration.env.get("AWS_REGION"):
        return configuration.with_env(AWS_REGION=None, AWS_DEFAULT_REGION=region)
    return configuration


def region_of_host(judge, configuration):
    """The endpoint's host names a region, and neither a variable nor the profile that has the
    endpoint names another.
    """
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    host = (endpoint or "").partition("://")[2].rstrip("/")
    of_variable = configuration.env.get("AWS_ENDPOINT_URL_S3") or configuration.env.get(
        "AWS_ENDPOINT_URL"
    )
    if (
        host not in HOST_REGIONS
        or configuration.env.get("AWS_DEFAULT_REGION")
        or (region and not of_variable)
    ):
        return configuration
    return configuration.with_env(AWS_DEFAULT_REGION=HOST_REGIONS[host])


def scheme_of_endpoint(judge, configuration):
    _, endpoint = judge.botocore.settings(configuration, judge.home)
    if not endpoint or "//" in endpoint or not re.fullmatch(r"[\w.:-]+", endpoint):
        return configuration
    return configuration.with_env(AWS_ENDPOINT_URL_S3=f"https://{endpoint}")


def store_of_region(judge, configuration):
    """No endpoint, and a region that only IBM has: its host, where botocore makes up one of
    Amazon's.
    """
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    if endpoint or region not in IBM_REGIONS:
        return configuration
    url = f"https://s3.{region}.cloud-object-storage.appdomain.cloud"
    return configuration.with_env(
        AWS_ENDPOINT_URL_S3=url, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="false"
    )


def tilde_in_process(judge, configuration):
    files = {}
    for name, text in configuration.files.items():
        lines = [
            re.sub(r"(?i)^(\s*credential_process\s*[=:]\s*)~/", rf"\1{HOME}/", line)
            for line in text.lines
        ]
        files[name] = dataclasses.replace(text, lines=tuple(lines))
    return configuration.replaced(files=files)


def without_empty_token(judge, configuration):
    """`"SessionToken": ""` of a process, which botocore sends as an empty token."""
    files = {
        name: dataclasses.replace(
            text, lines=tuple(line.replace('"SessionToken": "", ', "").replace(', "SessionToken": ""', "") for line in text.lines)
        )
        for name, text in configuration.files.items()
    }
    return configuration.replaced(files=files)


def without_other_settings(judge, configuration):
    names = "|".join(OTHER_SETTINGS)

    def valid(match):
        return match[1] + OTHER_SETTINGS[match[2].lower()][0]

    def altered(lines):
        # The line stays, since what is indented below an empty value belongs to it. What is indented
        # below another value continues it.
        kept, continues = [], None
        for line in lines:
            if not line.strip():
                kept.append(line)
                continue
            indent = len(line) - len(line.lstrip())
            if continues is not None and indent > continues:
                continue
            found = re.match(rf"(?i)^(\s*({names})\s*[=:]\s*)(.*)$", line)
            continues = indent if found and found[3] else None
            kept.append(valid(found) if found else line)
        return tuple(kept)

    files = {
        name: dataclasses.replace(text, lines=altered(text.lines))
        for name, text in configuration.files.items()
    }
    env = {
        name: value
        for name, value in configuration.env.items()
        if name.removeprefix("AWS_").lower() not in OTHER_SETTINGS
    }
    return configuration.replaced(files=files, env=env)


def no_token_for_ibm(judge, configuration):
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    region = configuration.env.get("AWS_REGION") or region
    if "cloud-object-storage" not in (endpoint or "") and (endpoint or region not in IBM_REGIONS):
        return configuration
    return configuration.with_env(AWS_WEB_IDENTITY_TOKEN_FILE=None, AWS_ROLE_ARN=None)


def region_of_role(judge, configuration):
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    lines = [line for text in configuration.files.values() for line in text.lines]
    has_role = any(re.match(r"(?i)\s*role_arn\s*[=:]", line) for line in lines)
    if region or not endpoint or not has_role:
        return configuration
    return configuration.with_env(AWS_DEFAULT_REGION="us-east-1")


WITHOUT_DUAL_STACK = re.compile(r"(eu-isoe|us-isof)-")
"""Regions of partitions that have no dual-stack hosts."""


def without_dual_stack(judge, configuration):
    """Dual stack beside an endpoint: botocore drops it, but in some partitions it fails on the way
    there.
    """
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    if not (endpoint and isinstance(region, str) and WITHOUT_DUAL_STACK.match(region)):
        return configuration
    option = r"(?i)(\s*use_dualstack_endpoint\s*[=:]\s*).*"
    files = {
        name: dataclasses.replace(
            text, lines=tuple(re.sub(option, r"\1false", line) for line in text.lines)
        )
        for name, text in configuration.files.items()
    }
    return configuration.replaced(files=files).with_env(AWS_USE_DUALSTACK_ENDPOINT=None)


def without_unused_sso(judge, configuration):
    files = {
        name: dataclasses.replace(
            text,
            lines=tuple(
                line
                for line in text.lines
                if not re.match(r"(?i)\s*sso_session\s*[=:]\s*nowhere", line)
            ),
        )
        for name, text in configuration.files.items()
    }
    return configuration.replaced(files=files)


def spelled_region(judge, configuration):
    """A region in capitals: Amazon's names have none, and a signature for one in capitals is
    refused.
    """

    def spelled(text):
        return re.sub(r"\bUS-EAST-1\b", "us-east-1", text)

    files = {
        name: dataclasses.replace(text, lines=tuple(map(spelled, text.lines)))
        for name, text in configuration.files.items()
    }
    env = {name: spelled(value) for name, value in configuration.env.items()}
    return configuration.replaced(files=files, env=env)


ALTERATIONS = {
    # They are about how requests are sent.
    "settings that no URL depends on are not checked": without_other_settings,
    # IBM COS knows no keys of Amazon's token service.
    "a web identity token of the environment is not for IBM COS": no_token_for_ibm,
    # The endpoint is used as it is, with a warning.
    "dual stack beside an endpoint is dropped in every partition": without_dual_stack,
    # botocore looks for bearer tokens too, which no URL has.
    "an undefined sso_session is an error only where it has the keys": without_unused_sso,
    # A signature for `US-EAST-1` is refused by Amazon S3.
    "a region is spelled as the store spells it": spelled_region,
    # A store would compare an empty token with that of its keys.
    "an empty session token of a process is none": without_empty_token,
    # Editors on Windows write it, and it is part of no name. botocore refuses the file.
    "a byte order mark is passed over": without_mark,
    # A shell has no other way to switch a variable off for one command.
    "an empty variable is unset": without_empty_variables,
    # AWS CLI 2 and every SDK but botocore have AWS_PROFILE alone, or first.
    "AWS_PROFILE before AWS_DEFAULT_PROFILE": profile_before_default,
    # Every SDK but botocore, and AWS CLI 2, read AWS_REGION, and first.
    "AWS_REGION is read": region_variable,
    # A host with a region in it takes no signature for another one.
    "the region of the endpoint's host": region_of_host,
    # The token service is the same in every region.
    "roles are requested in us-east-1 where no region is configured": region_of_role,
    # Stores show their endpoints so, and botocore has no use for it.
    "an endpoint without a scheme is https": scheme_of_endpoint,
    # IBM's regions are no regions of Amazon's.
    "the store that has the region": store_of_region,
    # The shell's habit; botocore looks for a folder called `~`.
    "~ in credential_process": tilde_in_process,
}
"""What the program means otherwise: a configuration with which botocore means the same."""

SWITCHES = {
    # As AWS's other SDKs do; botocore refuses the file.
    "sections and options of one name are one, the last value counts": "strict",
    # `aws configure` leaves such lines, and no tool signs an empty token.
    "an empty option is unset": "keeps_empty_values",
}
"""The same for what botocore has switches for (see `Botocore`)."""


def no_store(judge, configuration, theirs):
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    return not region and not endpoint and "amazonaws.com" in theirs.parts["host"]


def unknown_region(judge, configuration, theirs):
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    return bool(region) and not endpoint and not judge.is_region_of_amazon(region)


def unlisted_region(judge, configuration, theirs):
    region, endpoint = judge.botocore.settings(configuration, judge.home)
    return not endpoint and region not in judge.regions


def other_expiry(judge, configuration, theirs):
    """botocore reads no expiry in these files."""
    return any(
        re.match(r"(?i)\s*\w*(expiration|expires)\s*[=:]", line)
        for text in configuration.files.values()
        for line in text.lines
    )


def no_plain_endpoint(judge, configuration, theirs):
    _, endpoint = judge.botocore.settings(configuration, judge.home)
    return bool(re.search("[@?#]", endpoint or ""))


def name_for_paths_only(judge, configuration, theirs):
    bucket = configuration.words[0].partition("/")[0]
    return bool(re.search("[A-Z_]", bucket)) and theirs.parts["path"].startswith(f"/{bucket}/")


def address_for_paths_only(judge, configuration, theirs):
    bucket = configuration.words[0].partition("/")[0]
    host = theirs.parts["host"]
    # botocore puts a bucket with dots before an address too.
    return re.search(r"127\.0\.0\.1|\[::1\]", host) and (
        host.startswith(bucket) or theirs.parts["path"].startswith(f"/{bucket}/")
    )


def secret_variable_alone(judge, configuration, theirs):
    return bool(configuration.env.get("AWS_SECRET_ACCESS_KEY")) and not configuration.env.get(
        "AWS_ACCESS_KEY_ID"
    )


def quoted_key(judge, configuration, theirs):
    values = [theirs.parts["access key ID"], theirs.parts["token"] or ""]
    lines = [line for text in configuration.files.values() for line in text.lines]
    secrets = [
        re.split("[=:]", line, maxsplit=1)[1].strip()
        for line in lines
        if re.match(r"(?i)\s*aws_secret_access_key\s*[=:]", line)
    ]
    return any(value[:1] in ("'", '"') and value[:1] == value[-1:] for value in values + secrets)


def key_with_more(judge, configuration, theirs):
    """A comment, white space or an invisible character belongs to the value, and to no key."""
    values = [theirs.parts["access key ID"], theirs.parts["token"] or ""]
    lines = [line for text in configuration.files.values() for line in text.lines]
    values += [
        re.split("[=:]", line, maxsplit=1)[1].strip()
        for line in lines
        if re.match(r"(?i)\s*aws_secret_access_key\s*[=:]", line)
    ]
    return any(re.search("[\\s\u200b]", value) for value in values)


def no_fips(judge, configuration, theirs):
    return "cloud-object-storage" in theirs.parts["host"]


def continued_key(judge, configuration, theirs):
    values = [theirs.parts["access key ID"], theirs.parts["token"] or ""]
    lines = [line for text in configuration.files.values() for line in text.lines]
    behind = [
        next(
            (other for other in lines[at + 1 :] if other.strip() and other.strip()[0] not in "#;"),
            "",
        )
        for at, line in enumerate(lines)
        if re.match(r"(?i)\s*aws_secret_access_key\s*[=:]", line)
    ]
    return any(line[:1] in (" ", "\t") for line in behind) or any(
        "\n" in value for value in values
    )


def half_pair_before_another(judge, configuration, theirs):
    """The credentials file has a secret without an id, and botocore goes on to the config file."""
    return any(
        re.match(r"(?i)\s*aws_secret_access_key", line)
        for text in configuration.files.values()
        for line in text.lines
    )


REFUSALS = {
    "no store is named, and Amazon S3 is not assumed": (r"^cannot determine the endpoint of", no_store),
    "a region of no store that is known": (
        r"^unknown region `|^no endpoint given for Garage",
        unknown_region,
    ),
    "a region of several stores": (
        r"^the region `[^`]*` \(.*\) is one of several stores",
        unlisted_region,
    ),
    "an expiry that is not a time": (
        r"^the expiry of the credentials from .* is not a time$",
        other_expiry,
    ),
    "virtual style for a bucket that cannot be in a host name": (
        r"^`addressing_style = virtual` in .* but the bucket `[^`]*` cannot be part of a host name",
        name_for_paths_only,
    ),
    "virtual style at an IP address": (
        r"^`addressing_style = virtual` in .* but no bucket can precede the IP address",
        address_for_paths_only,
    ),
    "a secret in a variable without its id": (
        r"^`AWS_SECRET_ACCESS_KEY` is set, but not `AWS_ACCESS_KEY_ID`",
        secret_variable_alone,
    ),
    "a key in quotes": (r"is in quotes that are part of the value$", quoted_key),
    "a key in two lines": (r"is in several lines$", continued_key),
    "a key with a comment or white space in it": (
        r"has (a comment behind it, which is part of the value|white space in it|an invisible character in it)$",
        key_with_more,
    ),
    "an endpoint with a password or a query in it": (
        r"^(the URL given as .* user name or password|.* (has|contains) a (query|path|`))",
        no_plain_endpoint,
    ),
    "acceleration in a partition without": (
        r"but AWS has no accelerated hosts in `",
        lambda judge, configuration, theirs: not theirs.parts["host"].endswith("amazonaws.com"),
    ),
    "FIPS of a store without": (r"requires FIPS hosts, but IBM .* has no FIPS hosts$", no_fips),
    "half a pair in one file, a whole one in the other": (
        r"^profile `[^`]*` in `[^`]*credentials` has no `aws_access_key_id`",
        half_pair_before_another,
    ),
}
"""What the program refuses where botocore signs: its message, and of which configurations that may
be said.
"""


SAME_REASON = {
    "NoCredentialsError": r"^no credentials found",
    "PartialCredentialsError": r"has no `aws_|is set, but not",
    "ProfileNotFound": r"^`AWS_(DEFAULT_)?PROFILE` names the profile",
    "ConfigParseError": r" line \d+",
    "InvalidConfigError": r"has no such section|source_profile|credential_source|gave no credentials",
    "CredentialRetrievalError": r"credential_process|process",
    "InvalidRegionError": r"region",
    "ValueError: Invalid endpoint": r"^cannot use the endpoint|endpoint",
}
"""botocore's error and the program's sentence for one thing. Where there are several wrong, either
may be met first.
"""


def both_refuse(theirs, ours):
    same = any(
        theirs.reason.startswith(error) and re.search(pattern, ours.reason)
        for error, pattern in SAME_REASON.items()
    )
    return "both refuse, for one reason" if same else "both refuse, each for a reason of its own"


class Judge:
    def __init__(self, program, home):
        self.program = program
        self.home = home
        self.botocore = Botocore()
        partitions = self.botocore.loader.load_data("partitions")["partitions"]
        self.regions = {region for partition in partitions for region in partition["regions"]}
        self.patterns = [re.compile(partition["regionRegex"]) for partition in partitions]

    def is_region_of_amazon(self, region):
        return region in self.regions or any(pattern.fullmatch(region) for pattern in self.patterns)

    def theirs(self, configuration, names):
        for name in names:
            if name in ALTERATIONS:
                configuration = ALTERATIONS[name](self, configuration)
        self.botocore.strict = "strict" not in {SWITCHES.get(name) for name in names}
        self.botocore.keeps_empty_values = "keeps_empty_values" not in {
            SWITCHES.get(name) for name in names
        }
        configuration.write(self.home)
        try:
            return self.botocore.outcome(configuration, self.home), configuration
        finally:
            self.botocore.strict = self.botocore.keeps_empty_values = True

    def __call__(self, configuration):
        ours = self.program.outcome(configuration)
        plain, _ = self.theirs(configuration, [])
        if difference(plain, ours) is None:
            return both_refuse(plain, ours) if ours.parts is None else "equal"
        names = [*ALTERATIONS, *SWITCHES]
        if ours.parts is None and "sso_session" in ours.reason:
            names.remove("an undefined sso_session is an error only where it has the keys")
        meant, altered = self.theirs(configuration, names)
        if difference(meant, ours) is None:
            if meant.parts is None:
                return both_refuse(meant, ours)
            for name in list(names):
                fewer = [other for other in names if other != name]
                if difference(self.theirs(configuration, fewer)[0], ours) is None:
                    names = fewer
            return "meant: " + " + ".join(names)
        if meant.parts is not None and ours.parts is None:
            for name, (pattern, holds) in REFUSALS.items():
                if re.search(pattern, ours.reason) and holds(self, altered, meant):
                    return f"refused: {name}"
        return difference(meant, ours)


CONTROLS = controls_of(
    ".aws/credentials",
    (
        "[default]",
        "aws_access_key_id = AKIDEXAMPLE",
        "aws_secret_access_key = one",
        "region = us-east-2",
    ),
    (f"my-bucket/{KEY}",),
    (
        (2, "aws_secret_access_key = another", "another secret access key"),
        (3, "region = us-east-1", "another host, region"),
    ),
)


def version():
    return f"botocore {importlib.import_module('botocore').__version__}"


if __name__ == "__main__":
    sys.exit(main(__doc__, version, draw_configuration, Judge, CONTROLS))
