#!/usr/bin/env bash
# Starts OpenStack Swift with its S3 interface on 127.0.0.1, waits until it responds, and prints how to reach it:
#   ENDPOINT= VHOST_ENDPOINT= ACCESS_KEY= SECRET_KEY= REGION=
#
#   DIR=target/interop/swift tests/interop/swift/start.sh
#
# DIR receives the Python environment (kept for the next time) and the servers' data and logs (recreated each time). While
# the servers run a second call only prints the lines again. PYTHON names another interpreter than python3.
#
# Exit code 75: Swift cannot be installed or run here; callers skip by that. 1: it could, but does not work.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/processes.sh"
: "${DIR:?set DIR to a directory for the environment and the data of Swift}"
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
export DIR
python=${PYTHON:-python3}
venv=$DIR/venv
run=$DIR/run

unavailable() {
  echo "OpenStack Swift is not available: $1" >&2
  exit 75
}

servers_run() {
  local name
  [ -s "$run/settings" ] || return 1
  for name in $SERVERS; do
    server_runs "$run" "$name" || return 1
  done
}

install() {
  cmp -s "$here/requirements.txt" "$venv/requirements.txt" && return
  rm -rf "$venv"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || unavailable "$python is not Python 3.9 or newer"
  "$python" -m venv "$venv" >"$DIR/install.log" 2>&1 || unavailable "$python -m venv failed, see $DIR/install.log"
  "$venv/bin/pip" install --disable-pip-version-check --requirement "$here/requirements.txt" >>"$DIR/install.log" 2>&1 \
    || unavailable "its packages could not be installed from PyPI, see $DIR/install.log"
  cp "$here/requirements.txt" "$venv/requirements.txt"
}

launch() {
  "$here/stop.sh"
  rm -rf "$run"
  mkdir -p "$run"
  "$venv/bin/python" "$here/cluster.py" configure "$run" || return $?
  local name
  for name in $SERVERS; do
    # Away from the caller's output, so that its reader does not wait for the servers to end.
    "$venv/bin/swift-$name-server" "$run/$name-server.conf" --verbose </dev/null >"$run/$name.log" 2>&1 &
    echo $! >"$run/$name.pid"
  done
  "$venv/bin/python" "$here/cluster.py" wait "$run"
}

if servers_run; then
  cat "$run/settings"
  exit 0
fi
install
# Another process may take a port before the server listens on it.
for attempt in 1 2 3; do
  code=0
  launch || code=$?
  case $code in
    0) cat "$run/settings"; exit 0 ;;
    75) exit 75 ;;
  esac
  echo "OpenStack Swift did not start (attempt $attempt)" >&2
  tail -n 20 "$run"/*.log >&2 || true
done
"$here/stop.sh"
exit 1
