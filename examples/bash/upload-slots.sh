#!/usr/bin/env bash
# One upload URL per name on standard input, for senders without credentials. A URL is valid for one
# hour and does not replace an existing object; the sender adds the header `If-None-Match: *`.
#
#   printf '%s\n' anna.zip ben.zip | upload-slots.sh BUCKET/PREFIX/
set -euo pipefail

[ $# = 1 ] || { echo "usage: $0 BUCKET/PREFIX/" >&2; exit 2; }
"${COS_PRESIGN:-cos-presign}" put "$1" --keys-from - --if-none-match '*' --output tsv
