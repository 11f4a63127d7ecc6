#!/usr/bin/env bash
# Puts the rivals that are not written in Rust into target/compare/: a Python venv and a folder of npm.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
into="$here/../../target/compare"
mkdir -p "$into"

if command -v python3 >/dev/null; then
  python3 -m venv "$into/python"
  "$into/python/bin/pip" install --quiet --disable-pip-version-check botocore libpresign minio
else
  echo "python3 is missing: no botocore, no minio" >&2
fi

if command -v npm >/dev/null; then
  npm install --silent --no-audit --no-fund --prefix "$into/node" @aws-sdk/client-s3 @aws-sdk/s3-request-presigner
else
  echo "npm is missing: no AWS SDK for JavaScript" >&2
fi
