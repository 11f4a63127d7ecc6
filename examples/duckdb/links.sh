#!/usr/bin/env bash
# Adds a column `url` to a Parquet file with a column `key`.
#
#   links.sh keys.parquet links.parquet BUCKET [OPTIONS OF cos-presign get]
#
# DuckDB reads and writes Parquet, cos-presign signs; between them are pipes, so the size of the
# file does not matter. CSV on both sides keeps keys with commas, quotes and line breaks.
set -euo pipefail

[ $# -ge 3 ] || { echo "usage: $0 KEYS LINKS BUCKET [OPTIONS]" >&2; exit 2; }
keys=$1 links=$2
shift 2
duckdb=${DUCKDB:-duckdb}

"$duckdb" -c "COPY (SELECT key FROM read_parquet('$keys')) TO '/dev/stdout' (FORMAT csv, HEADER)" |
  "${COS_PRESIGN:-cos-presign}" get "$@" --keys-from - --input csv --url-column url |
  "$duckdb" -c "COPY (SELECT * FROM read_csv('/dev/stdin', header = true, all_varchar = true))
    TO '$links' (FORMAT parquet)"
