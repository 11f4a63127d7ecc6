#!/usr/bin/env bash
# Ends the servers that start.sh started with the same DIR, and nothing else.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/processes.sh"
: "${DIR:?set DIR to the directory that start.sh was given}"
[ -d "$DIR" ] || exit 0
run=$(cd "$DIR" && pwd)/run

for name in $SERVERS; do
  if server_runs "$run" "$name"; then
    pid=$(cat "$run/$name.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      server_runs "$run" "$name" || break
      sleep 0.1
    done
    ! server_runs "$run" "$name" || kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$run/$name.pid"
done
