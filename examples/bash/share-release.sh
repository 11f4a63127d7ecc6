#!/usr/bin/env bash
# Uploads the files of a directory and writes a list of download URLs that are valid for a week.
#
#   share-release.sh DIRECTORY BUCKET/PREFIX/ > links.tsv
#
# Store and credentials come from the environment: AWS_ENDPOINT_URL_S3 or AWS_REGION, and
# AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY. A second run uploads only what is missing.
set -euo pipefail

[ $# = 2 ] || { echo "usage: $0 DIRECTORY BUCKET/PREFIX/" >&2; exit 2; }
program=${COS_PRESIGN:-cos-presign}

# `key<TAB>url`, one line per file.
"$program" share "$1" "$2" --expires 7d --output tsv

# The exit code says whether the first URL works, without a download.
first=$(find "$1" -type f -printf '%P\n' | LC_ALL=C sort | head -n 1)
"$program" get "$2$first" --expires 1m --verify > /dev/null
