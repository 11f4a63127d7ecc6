#!/usr/bin/env bash
# Tests the Spark jobs and the lines of README.md with a built program.
#
#   examples/spark/run_test.sh target/debug/cos-presign
#
# Needs Java 17 and Python 3.11 with venv. The packages come from PyPI at the first run and are kept in SPARK_DIR
# (target/spark). Without Java it is skipped.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# = 1 ] || { echo "usage: $0 PROGRAM" >&2; exit 2; }
[ -x "$1" ] || { echo "\`$1\` cannot be run; build it first: cargo build" >&2; exit 2; }
if ! java -version >/dev/null 2>&1; then
  echo "skipped: java is missing"
  exit 0
fi

dir=${SPARK_DIR:-$here/../../target/spark}
mkdir -p "$dir"
venv=$(cd "$dir" && pwd)/venv
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  rm -rf "$venv"
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --disable-pip-version-check --quiet --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/requirements.txt"
fi

# The keys of Amazon's documentation.
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
unset AWS_SESSION_TOKEN AWS_PROFILE SPARK_HOME
COS_PRESIGN=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
# Spark's executors on this machine find each other by a name that is known everywhere.
export COS_PRESIGN SPARK_LOCAL_HOSTNAME=localhost PYTHONDONTWRITEBYTECODE=1
export PATH=$venv/bin:$PATH PYTHONPATH=$here
cd "$here"
python -m unittest -v test_spark test_readme
