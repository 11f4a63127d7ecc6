#!/usr/bin/env python3
"""Requests URLs of Amazon S3 access points from the built program and botocore.

Links of version 4 are compared parameter by parameter. Those of 4A differ each time, so botocore's, which the AWS Common
Runtime signs, are given to `diagnose`, which verifies them, and the rest of the link is compared.
"""

import argparse
import os
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

for _name in [name for name in os.environ if name.startswith(("AWS_", "COS_", "BOTO_"))]:
    del os.environ[_name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import botocore.session  # noqa: E402
from botocore.config import Config  # noqa: E402

KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ARNS = [
    ("us-west-2", "arn:aws:s3:us-west-2:123456789012:accesspoint/my-ap"),
    ("us-west-2", "arn:aws:s3:us-west-2:123456789012:accesspoint:my-ap"),
    ("cn-north-1", "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/my-ap"),
    ("us-gov-west-1", "arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint/my-ap"),
    ("us-east-1", "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/mybanner"),
    ("us-west-2", "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports"),
    ("us-west-2", "arn:aws:s3-outposts:us-west-2:123456789012:outpost:op-01234567890123456:accesspoint:reports"),
    ("us-east-1", "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"),
]
KEYS = ["report.pdf", "a b/ü+c:d%2F", "//x/../y"]
METHODS = [("get", "get_object"), ("put", "put_object")]
TOKENS = [None, "FwoGZXIvYXdzEXAMPLE//token+=="]


def run(binary, token, *args):
    env = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    if token:
        env["AWS_SESSION_TOKEN"] = token
    done = subprocess.run([binary, *args], env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def taken_apart(url, without):
    parts = urlsplit(url)
    query = sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in without)
    return parts.scheme, parts.netloc, parts.path, query


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = parser.parse_args().binary
    cases = failures = 0
    for region, arn in ARNS:
        for token in TOKENS:
            session = botocore.session.Session()
            config = Config(signature_version=None if ".mrap" in arn else "s3v4", request_checksum_calculation="when_required")
            client = session.create_client(
                "s3", region, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET, aws_session_token=token, config=config
            )
            for key in KEYS:
                for verb, operation in METHODS:
                    cases += 1
                    theirs = client.generate_presigned_url(operation, Params={"Bucket": arn, "Key": key}, ExpiresIn=900)
                    at = dict(parse_qsl(urlsplit(theirs).query))["X-Amz-Date"]
                    code, ours, said = run(binary, token, verb, f"{arn}/{key}", "--expires", "900", "--at", at)
                    is_4a = "X-Amz-Region-Set" in theirs
                    changing = {"X-Amz-Signature"} if is_4a else set()
                    same = code == 0 and taken_apart(ours, changing) == taken_apart(theirs, changing)
                    verdict = run(binary, token, "diagnose", theirs, "--method", verb.upper(), "--json")
                    if not same or verdict[0] != 0 or '"verdict":"ok"' not in verdict[1]:
                        failures += 1
                        print(f"{verb} {arn}/{key}\n  theirs {theirs}\n  ours   {ours} {said}\n  {verdict[1][:600]} {verdict[2]}")
    print(f"access points: {cases} links compared and checked, {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
