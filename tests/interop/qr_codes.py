#!/usr/bin/env python3
"""Lets ZXing read the QR codes of the built program: as PNG, SVG and characters, on paper and on a terminal.

    qr_codes.py --binary target/debug/cos-presign

Exit code: 0 if every code holds its link byte for byte, 1 if not.
"""

import argparse
import os
import pty
import re
import stat
import subprocess
import sys
import tempfile

import numpy
import zxingcpp
from PIL import Image

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
# Dark in the upper half of a character, and in the lower.
UPPER, LOWER = " ▄", " ▀"
SCALE = 6


def from_png(path):
    return numpy.array(Image.open(path).convert("L"))


def from_svg(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    side = int(re.search(r'width="(\d+)"', text).group(1))
    picture = numpy.full((side, side), 255, dtype=numpy.uint8)
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", text):
        x, y, width, height = int(x), int(y), int(width), int(height)
        picture[y : y + height, x : x + width] = 0
    return picture


def from_characters(text, dark_is_letter):
    rows = []
    for line in text.splitlines():
        upper = [c in UPPER for c in line]
        lower = [c in LOWER for c in line]
        rows += [upper, lower]
    dark = numpy.array(rows)
    if dark_is_letter:
        dark = ~dark
    return numpy.kron(numpy.where(dark, 0, 255).astype(numpy.uint8), numpy.ones((SCALE, SCALE), dtype=numpy.uint8))


def on_terminal(command, environment):
    """Standard output of a command that believes to write to a terminal."""
    child, master = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, environment)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.waitpid(child, 0)
    return b"".join(parts).decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    read = 0
    targets = [
        ["get", "my-bucket/k", "--region", "us-south"],
        ["get", "my-bucket/ümlaut & more/%2F.txt", "--region", "eu-central-1"],
        ["list", "my-bucket/in/", "--region", "us-south"],
        ["get", "my-bucket/" + "long" * 150, "--region", "us-south"],
    ]
    # With a token, the largest code or nearly so.
    environments = [KEYS, {**KEYS, "AWS_SESSION_TOKEN": "T" * 1600}]
    with tempfile.TemporaryDirectory() as folder:
        for index, (target, environment) in enumerate((t, e) for t in targets for e in environments):
            command = [binary, *target, "--at", "2026-01-31T12:00:00Z", "--quiet"]
            run = lambda *options: subprocess.run([*command, *options], env=environment, check=True, capture_output=True).stdout
            url = run().decode().strip()
            pictures = {"characters": from_characters(run("--output", "qr").decode(), dark_is_letter=False)}
            for form, reader in (("png", from_png), ("svg", from_svg)):
                path = os.path.join(folder, f"{index}.{form}")
                printed = run("--output", "qr", "--output-file", path)
                assert printed == b"", printed
                assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path
                pictures[form] = reader(path)
            terminal = on_terminal([*command, "--output", "qr"], environment)
            lines = [re.fullmatch(r"\x1b\[38;5;16;48;5;231m(.*)\x1b\[0m", line).group(1) for line in terminal.split("\r\n") if line]
            pictures["terminal"] = from_characters("\n".join(lines), dark_is_letter=True)
            for form, picture in pictures.items():
                found = [code.text for code in zxingcpp.read_barcodes(picture)]
                if found != [url]:
                    print(f"{form} of {' '.join(target)[:60]}: read {found}, not {url}")
                    return 1
                read += 1
    print(f"{read} codes were read, and each held its link")
    return 0


if __name__ == "__main__":
    sys.exit(main())
