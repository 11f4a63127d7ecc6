"""What the differential tests of configuration share: configurations made of files and variables,
running the program with one, counting the outcomes by class, and shrinking a configuration to
what a difference needs.

A tool's own test draws configurations, asks the tool and the program, and says of each pair of
outcomes which class it is. Classes are the differences that are meant; whatever has none is a
`Difference`, and a failure.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import hashlib
import hmac
import os
import random
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

HOME = "{HOME}"
"""Stands in variables and lines for the home directory of the configuration."""

AT = "20260131T120000Z"
EXPIRES = "600"


@dataclass(frozen=True)
class Text:
    """A file. Its lines are stored separately, so that they can be removed one by one."""

    lines: tuple[str, ...]
    end: str = "\n"
    bom: bool = False
    executable: bool = False
    ends_open: bool = False
    """Whether the last line has no end."""

    def content(self, home):
        text = "".join(line.replace(HOME, home) + self.end for line in self.lines)
        if self.ends_open:
            text = text.removesuffix(self.end)
        return (b"\xef\xbb\xbf" if self.bom else b"") + text.encode()


@dataclass(frozen=True)
class Configuration:
    """Files by their paths below the home directory, variables, and the words of the command behind
    the verb.
    """

    files: dict[str, Text] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def replaced(self, **changes):
        return dataclasses.replace(self, **changes)

    def with_env(self, **changes):
        env = {**self.env, **changes}
        return self.replaced(env={name: value for name, value in env.items() if value is not None})

    def write(self, home):
        """Leaves in the home directory these files and nothing else."""
        if home.exists():
            shutil.rmtree(home)
        home.mkdir(parents=True)
        for name, text in self.files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.content(str(home)))
            path.chmod(0o700 if text.executable else 0o600)

    def environment(self, home):
        fixed = {
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return fixed | {name: value.replace(HOME, str(home)) for name, value in self.env.items()}

    def smaller(self):
        """The same with one thing less, the largest things first."""
        for name in self.files:
            yield self.replaced(
                files={other: text for other, text in self.files.items() if other != name}
            )
        for name in self.env:
            yield self.with_env(**{name: None})
        for name, text in self.files.items():
            if text.executable:
                continue
            for changed in (
                dataclasses.replace(text, bom=False),
                dataclasses.replace(text, ends_open=False),
                dataclasses.replace(text, end="\n"),
            ):
                if changed != text:
                    yield self.replaced(files={**self.files, name: changed})
            for size in (8, 4, 2, 1):
                for at in range(len(text.lines) - size, -1, -1):
                    fewer = dataclasses.replace(
                        text, lines=text.lines[:at] + text.lines[at + size :]
                    )
                    yield self.replaced(files={**self.files, name: fewer})
            for at, line in enumerate(text.lines):
                option = re.match(r"[\s\w]*", line)[0]
                for plain in (line.strip(), option.lower() + line[len(option) :]):
                    if plain != line:
                        lines = (*text.lines[:at], plain, *text.lines[at + 1 :])
                        yield self.replaced(
                            files={**self.files, name: dataclasses.replace(text, lines=lines)}
                        )

    def show(self, command):
        lines = []
        for name, text in self.files.items():
            marks = [
                mark
                for mark, there in (
                    ("BOM", text.bom),
                    ("CRLF", text.end == "\r\n"),
                    ("CR", text.end == "\r"),
                    ("no end", text.ends_open),
                )
                if there
            ]
            lines.append(f"  ~/{name}{' (' + ', '.join(marks) + ')' if marks else ''}:")
            for line in text.lines:
                visible = (
                    line.replace(HOME, "$HOME").expandtabs(8)
                    if line.isprintable()
                    else repr(line)[1:-1]
                )
                lines.append(f"    | {visible}")
        variables = [
            f"{name}={shlex.quote(value.replace(HOME, '$HOME'))}"
            for name, value in self.env.items()
        ]
        lines.append(f"  command: {' '.join([*variables, command, *map(shlex.quote, self.words)])}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Outcome:
    """A link, taken apart, or the reason why there is none."""

    parts: dict[str, str] | None
    reason: str = ""

    @classmethod
    def of_url(cls, url):
        address = urlsplit(url)
        query = {
            name: values[0]
            for name, values in parse_qs(address.query, keep_blank_values=True).items()
        }
        scope = query.get("X-Amz-Credential", "").rsplit("/", 4)
        parts = {
            "scheme": address.scheme,
            # Capitals in it are signed in small letters, and mean the same everywhere.
            "host": address.netloc.lower(),
            "path": unquote(address.path),
            "access key ID": scope[0],
            "region": scope[2] if len(scope) == 5 else "",
            "token": query.get("X-Amz-Security-Token"),
            "signature": query.get("X-Amz-Signature"),
        }
        return cls(parts)

    def differing(self, other):
        """The parts that differ; a signature follows from all others and from the secret, so alone
        it means the secret.
        """
        names = [name for name in self.parts if self.parts[name] != other.parts[name]]
        if names == ["signature"]:
            return ["secret access key"]
        return [name for name in names if name != "signature"]

    def __str__(self):
        if self.parts is None:
            return f"refused: {self.reason}"
        return ", ".join(
            f"{name} {value!r}" for name, value in self.parts.items() if value is not None
        )


def presigned(scheme, host, path, access_key_id, secret, token, region):
    """A link as the specification has it, for tools that make none of version 4 themselves."""
    day, scope = AT[:8], f"{AT[:8]}/{region}/s3/aws4_request"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{access_key_id}/{scope}",
        "X-Amz-Date": AT,
        "X-Amz-Expires": EXPIRES,
        "X-Amz-SignedHeaders": "host",
    }
    if token:
        query["X-Amz-Security-Token"] = token
    text = "&".join(
        f"{quote(name, '-_.~')}={quote(value, '-_.~')}" for name, value in sorted(query.items())
    )
    path = quote(path, "/-_.~")
    canonical = f"GET\n{path}\n{text}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    signed = f"AWS4-HMAC-SHA256\n{AT}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request", signed):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return f"{scheme}://{host}{path}?{text}&X-Amz-Signature={key.hex()}"


@dataclass(frozen=True)
class Difference:
    """An unnamed one. Those of one kind are shown a few times only."""

    kind: str
    theirs: Outcome
    ours: Outcome


def difference(theirs, ours):
    """What differs, or nothing."""
    if theirs.parts is None and ours.parts is None:
        return None
    if theirs.parts is not None and ours.parts is not None:
        names = theirs.differing(ours)
        return Difference(f"another {', '.join(names)}", theirs, ours) if names else None
    if theirs.parts is None:
        return Difference(f"signed though refused: {without_values(theirs.reason)}", theirs, ours)
    return Difference(f"refused though signed: {without_values(ours.reason)}", theirs, ours)


def without_values(reason):
    reason = reason.splitlines()[0] if reason else ""
    reason = re.sub(r"`[^`]*`", "`…`", re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", reason))
    return re.sub(r"\(?/\S+|\d+", "…", reason)[:110]


class Program:
    """The program under test."""

    def __init__(self, binary, home):
        self.binary = binary
        self.home = home

    def outcome(self, configuration, at=AT):
        command = [self.binary, "get", *configuration.words, "--at", at, "--expires", EXPIRES]
        done = subprocess.run(
            command,
            env=configuration.environment(self.home),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        if done.returncode == 0:
            return Outcome.of_url(done.stdout.decode().removesuffix("\n"))
        message = done.stderr.decode(errors="replace")
        errors = [line for line in message.splitlines() if line.startswith("error: ")]
        # Codes of the program's own for "the settings cannot be used"; a crash is no refusal.
        if done.returncode not in (2, 3, 4) or len(errors) != 1:
            raise Broken(f"exit code {done.returncode}: {message}")
        return Outcome(None, errors[0].removeprefix("error: "))


class Broken(Exception):
    """The program ended in a way in which it never should."""


class Draw:
    """Random things of one configuration."""

    def __init__(self, seed, number):
        self.random = random.Random(f"{seed}:{number}")

    def chance(self, probability):
        return self.random.random() < probability

    def choice(self, values):
        return self.random.choice(values)

    def weighted(self, weights):
        return self.random.choices(list(weights), list(weights.values()))[0]


def controls_of(path, lines, words, changes):
    """Controls of a tool: an ordinary file is equal, and of `changes` (a line of the file, another one
    in its place, and the kind of the difference) each is noticed.
    """

    def controls(judge):
        configuration = Configuration({path: Text(lines)}, {}, words)
        configuration.write(judge.home)
        yield "an ordinary file", judge(configuration) == "equal"
        outcome = judge.program.outcome
        for at, other, kind in changes:
            changed = configuration.replaced(
                files={path: Text((*lines[:at], other, *lines[at + 1 :]))}
            )

            def of_changed(_, *rest, changed=changed):
                changed.write(judge.home)
                found = outcome(changed, *rest)
                configuration.write(judge.home)
                return found

            judge.program.outcome = of_changed
            verdict = judge(configuration)
            judge.program.outcome = outcome
            yield kind, isinstance(verdict, Difference) and verdict.kind == kind

    return controls


def without_byte_order_mark(configuration):
    files = {
        name: dataclasses.replace(text, bom=False) for name, text in configuration.files.items()
    }
    return configuration.replaced(files=files)


def main(description, tool, draw, judge_of, controls):
    """Draws, compares and reports. `judge_of(program)` gives what compares: a configuration to a
    class or a `Difference`.

    `controls` are checks that have to hold before anything is drawn: a comparison that finds
    everything equal is worth nothing.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", required=True, help="the program under test")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seed", help="of an earlier run, to repeat it")
    parser.add_argument("--only", type=int, metavar="N", help="draw N alone")
    parser.add_argument(
        "--examples",
        type=int,
        default=2,
        metavar="N",
        help="shrink and show so many differences of a kind",
    )
    parser.add_argument(
        "--open",
        type=int,
        default=0,
        metavar="N",
        help="how many differences may be without a name: those that are not understood yet",
    )
    args = parser.parse_args()
    binary = str(Path(args.binary).resolve())
    if not os.access(binary, os.X_OK):
        parser.error(f"`{args.binary}` cannot be run")
    seed = args.seed or str(secrets.randbits(32))
    classes, kinds = collections.Counter(), collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="cos-presign-configurations-") as directory:
        home = Path(directory) / "home"
        judge = judge_of(Program(binary, home), home)
        print(f"{tool()}, seed {seed}", flush=True)
        for name, found in controls(judge):
            if not found:
                print(f"the control failed: {name}")
                return 1
        started = time.monotonic()
        numbers = range(args.draws) if args.only is None else [args.only]
        # On interruption the comparisons so far are reported.
        with contextlib.suppress(KeyboardInterrupt):
            for number in numbers:
                configuration = draw(Draw(seed, number))
                verdict = judged(judge, configuration, home)
                if isinstance(verdict, Difference):
                    kinds[verdict.kind].append((number, configuration))
                else:
                    classes[verdict] += 1
        seconds = time.monotonic() - started
        different = sum(map(len, kinds.values()))
        for name, count in classes.most_common():
            print(f"{count:6} {name}")
        for kind, found in sorted(kinds.items(), key=lambda item: -len(item[1])):
            print(f"{len(found):6} UNNAMED: {kind}", flush=True)
        for kind, found in sorted(kinds.items(), key=lambda item: -len(item[1])):
            print(f"\n=== {len(found)} times: {kind}")
            shown = set()
            for number, configuration in found:
                if len(shown) == args.examples:
                    break
                small = shrunk(judge, configuration, kind, home)
                text = small.show("cos-presign get")
                if text in shown:
                    continue
                shown.add(text)
                verdict = judged(judge, small, home)
                print(f"draw {number} (alone: --seed {seed} --only {number}), shrunk:\n{text}")
                print(f"  theirs:  {verdict.theirs}\n  ours:    {verdict.ours}", flush=True)
    compared = different + sum(classes.values())
    print(
        f"\n{compared} compared in {seconds:.0f} s, {different} different without a name, "
        f"of {len(kinds)} kinds (seed {seed})"
    )
    return 1 if different > args.open or not compared else 0


def judged(judge, configuration, home):
    configuration.write(home)
    try:
        return judge(configuration)
    except Broken as error:
        return Difference("no proper end", Outcome(None), Outcome(None, str(error)))


def shrunk(judge, configuration, kind, home):
    """A minimal configuration with the same kind of difference."""
    tries = 80
    while True:
        for smaller in configuration.smaller():
            tries -= 1
            verdict = judged(judge, smaller, home)
            if isinstance(verdict, Difference) and verdict.kind == kind:
                configuration = smaller
                break
            if tries <= 0:
                return configuration
        else:
            return configuration


def missing(what):
    """A tool that is not there."""
    print(f"skipped: {what}", file=sys.stderr)
    return 75
