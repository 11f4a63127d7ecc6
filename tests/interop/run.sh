#!/usr/bin/env bash
# Compares the built program with other people's software: its URLs with those of botocore and of IBM's fork of it, what it
# reads in configurations of the AWS tools, s3cmd and rclone with what they read, its links with OpenStack Swift's opinion of
# them, and its forms and uploads with that of Ceph RADOS Gateway.
#
#   tests/interop/run.sh --binary target/debug/cos-presign [--cases N] [--seed S]
#
# Needs Python 3.9 or newer with venv. The packages come from PyPI at the first run and are kept in INTEROP_DIR
# (target/interop). What cannot be installed is skipped and named at the end; with INTEROP_REQUIRED=1 that is a failure.
# Exit code: 0 if nothing failed, 1 if something did, 2 for a wrong command line.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
binary='' cases=400 seed=''

usage() {
  echo "$1" >&2
  echo "usage: $0 --binary PATH [--cases N] [--seed S]" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage "\`$1\` is no option, or has no value"
  case $1 in
    --binary) binary=$2 ;;
    --cases) cases=$2 ;;
    --seed) seed=$2 ;;
    *) usage "\`$1\` is no option" ;;
  esac
  shift 2
done
[ -n "$binary" ] || usage "--binary is missing"
[ -x "$binary" ] || usage "\`$binary\` cannot be run; build it first: cargo build"

dir=${INTEROP_DIR:-$here/../../target/interop}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

# A line for each check: what came of it, and its name.
results=$dir/results
: >"$results"

step() { printf '\n--- %s (after %s s)\n' "$1" "$SECONDS"; }

record() { printf '%s: %s\n' "$1" "$2" >>"$results"; }

# The exit code of a check; 75 for the reason given.
record_code() {
  local name=$1 code=$2 reason=$3
  case $code in
    0) record passed "$name" ;;
    75) record skipped "$name ($reason)" ;;
    *) record FAILED "$name" ;;
  esac
}

# Makes an environment from a list of packages, unless it is there already.
environment() {
  local venv=$dir/$1 list=$here/$2
  cmp -s "$list" "$venv/requirements.txt" && return
  rm -rf "$venv"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' && "$python" -m venv "$venv" \
    && "$venv/bin/pip" install --disable-pip-version-check --requirement "$list" && cp "$list" "$venv/requirements.txt"
}

tester='' running='' signers=''

end_store() {
  [ -z "$tester" ] || kill "$tester" 2>/dev/null || true
  tester=''
  [ -z "$running" ] || DIR=$dir/$running "$here/$running/stop.sh" || true
  running=''
}

end_all() {
  end_store
  [ -z "$signers" ] || kill -- "-$signers" 2>/dev/null || true
}

# Starts a store, lets its tests use it, and ends it.
store() {
  local name=$1 folder=$2 tests=$3 code=0 settings
  step "$name"
  running=$folder
  settings=$(DIR=$dir/$folder PYTHON=$python "$here/$folder/start.sh") || code=$?
  if [ "$code" = 75 ]; then
    record skipped "$name (it cannot be installed or run here)"
    return
  fi
  if [ "$code" = 0 ]; then
    # In the background, because a shell notices a signal only when the command that it waits for has ended. The settings
    # are words without spaces, and several of them.
    # shellcheck disable=SC2086
    env $settings "$python" "$here/$tests" --binary "$binary" &
    tester=$!
    wait "$tester" || code=$?
    tester=''
  fi
  end_store
  if [ "$code" = 0 ]; then
    record passed "$name"
  else
    record FAILED "$name"
  fi
}

# With its own store, which it kills.
large_file() {
  local name=$1 code=0
  step "$name"
  DIR=$dir/big "$here/big_upload.sh" --binary "$binary" || code=$?
  record_code "$name" "$code" "it cannot be installed or run here"
}

# A program with its own packages, and its further arguments.
check() {
  local name=$1 venv=$2 list=$3 tests=$4
  shift 4
  step "$name"
  if ! environment "$venv" "$list" >"$dir/$venv.log" 2>&1; then
    echo "skipped: its environment could not be made from PyPI, see $dir/$venv.log"
    record skipped "$name (its environment could not be made from PyPI)"
  elif "$dir/$venv/bin/python" "$here/$tests" --binary "$binary" "$@"; then
    record passed "$name"
  else
    record FAILED "$name"
  fi
}

# A program that says itself with 75 that what it needs is missing.
optional() {
  local name=$1 code=0
  shift
  step "$name"
  PYTHON=$python "$@" --binary "$binary" || code=$?
  record_code "$name" "$code" "a tool is missing"
}

# Two groups at once, for two processors. Only the second starts stores, which have to be stopped.
signers() {
  local urls=(botocore_differential.py --cases "$cases" ${seed:+--seed "$seed"})
  check "URLs of botocore" venv-botocore requirements.txt "${urls[@]}" --sdk botocore
  check "URLs of IBM's botocore" venv-ibm requirements-ibm.txt "${urls[@]}" --sdk ibm_botocore
  # The same draws each time, so that a change is not blamed for what was there; others are drawn by hand and every week.
  check "configurations of the AWS tools" venv-botocore requirements.txt aws_config_differential.py --draws 200 --seed "${seed:-53}"
  optional "configurations of rclone" "$python" "$here/rclone_config_differential.py" --draws 200 --seed "${seed:-63}"
  check "access points and SigV4A of the AWS Common Runtime" venv-crt requirements-crt.txt access_points.py
  check "files and links of the AWS CLI" venv-aws-cli requirements-aws-cli.txt aws_cli.py
  check "QR codes read by ZXing" venv-qr requirements-qr.txt qr_codes.py
}

tools_and_stores() {
  optional "configurations of s3cmd" "$python" "$here/s3cmd_config_differential.py" --draws 200 --seed "${seed:-62}"
  optional "files and links of rclone and s3cmd" "$here/tools.sh"
  optional "completion in bash, zsh and fish" "$python" "$here/shells.py"
  store "links on OpenStack Swift" swift swift_end_to_end.py
  store "uploads to Ceph RADOS Gateway" ceph ceph_end_to_end.py
  large_file "one large file through a gateway that is killed"
}

# A process group of its own, so that it can be ended with its children.
set -m
signers >"$dir/signers.log" 2>&1 &
signers=$!
set +m
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
tools_and_stores
wait "$signers" || record FAILED "comparison with other signers: exit code $?"
cat "$dir/signers.log"

step "summary"
sort "$results"
if [ -n "${INTEROP_REQUIRED:-}" ] && grep -q '^skipped: ' "$results"; then
  echo "INTEROP_REQUIRED is set, so what was skipped counts as failed"
  exit 1
fi
! grep -q '^FAILED: ' "$results" || exit 1
# Where everything was skipped nothing has been shown, and the caller should see that.
grep -q '^passed: ' "$results" || echo "nothing was tested"
