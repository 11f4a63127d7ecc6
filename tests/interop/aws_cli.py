#!/usr/bin/env python3
"""Lets the AWS CLI write its own files, and compares the links that it makes from them with those of the built program.

    aws_cli.py --binary target/debug/cos-presign

Runs in the environment in which the AWS CLI is installed. Exit code: 0 if all links agree, 1 if not.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

AWS = str(pathlib.Path(sys.executable).parent / "aws")

# Profile, and its values for `aws configure set`. Without a style, the AWS CLI uses the host that all regions share.
PROFILES = {
    "default": {
        "aws_access_key_id": "AKIDEFAULT",
        "aws_secret_access_key": "s/e+cret==",
        "region": "eu-central-1",
        "s3.addressing_style": "virtual",
    },
    "token": {
        "aws_access_key_id": "ASIATEMPORARY",
        "aws_secret_access_key": "secret",
        "aws_session_token": "to/ken+with==odd#signs;",
        "region": "us-west-2",
        "s3.addressing_style": "virtual",
    },
    "path style": {
        "aws_access_key_id": "AKIDPATH",
        "aws_secret_access_key": "secret+with/signs=",
        "region": "eu-west-1",
        "s3.addressing_style": "path",
    },
    "ibm": {
        "aws_access_key_id": "0123456789abcdef",
        "aws_secret_access_key": "secret",
        "region": "us-south",
        "endpoint_url": "https://s3.us-south.cloud-object-storage.appdomain.cloud",
    },
}

KEYS = ["key", "a folder/ü+&=?%.txt", "it's (1)!*~.txt", "a//b/./c", "100%25"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    failed = compared = 0
    with tempfile.TemporaryDirectory() as home:
        clean = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}

        def run(*command):
            return subprocess.run(command, env=clean, capture_output=True, text=True)

        for profile, settings in PROFILES.items():
            # Without it the AWS CLI signs for old regions with version 2.
            for name, value in {**settings, "s3.signature_version": "s3v4"}.items():
                run(AWS, "configure", "set", name, value, "--profile", profile).check_returncode()
        files = sorted(path.name for path in pathlib.Path(home, ".aws").iterdir())
        assert files == ["config", "credentials"], f"the AWS CLI wrote {files}"

        for profile in PROFILES:
            for key in KEYS:
                theirs = run(AWS, "s3", "presign", f"s3://my-bucket/{key}", "--expires-in", "5400", "--profile", profile)
                theirs = theirs.stdout.strip() or theirs.stderr.strip()
                at = re.search(r"X-Amz-Date=(\w+)", theirs)
                if at is None:
                    failed += 1
                    print(f"the AWS CLI signed nothing: {profile}, {key}\n  {theirs}")
                    continue
                ours = run(
                    binary, "get", f"s3://my-bucket/{key}", "--quiet", "--expires", "5400", "--profile", profile,
                    "--at", at.group(1),
                )  # fmt: skip
                ours = ours.stdout.strip() or ours.stderr.strip()
                compared += 1
                if ours != theirs:
                    failed += 1
                    print(f"differ: {profile}, {key}\n  theirs: {theirs}\n  ours:   {ours}")
    version = subprocess.run([AWS, "--version"], capture_output=True, text=True).stdout.split()[0]
    print(f"{compared} links compared with those of {version}, {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
