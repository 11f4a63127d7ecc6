#!/usr/bin/env bash
# Ends the servers that start.sh started under DIR, and no others.
set -euo pipefail

: "${DIR:?set DIR to the directory that start.sh was given}"
DIR=$(cd "$DIR" 2>/dev/null && pwd) || exit 0
for name in gateway disk monitor; do
  [ -s "$DIR/$name.pid" ] || continue
  pid=$(cat "$DIR/$name.pid")
  # A number may have gone to another process since.
  if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$DIR/ceph.conf"; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$DIR/$name.pid"
done
