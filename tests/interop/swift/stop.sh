#!/usr/bin/env bash
# Ends the servers that start.sh started with the same DIR, and nothing else: the number of a process that has gone may
# belong to another one by now, so each must still be running with the configuration that was written for it.
set -euo pipefail

: "${DIR:?set DIR to the directory that start.sh was given}"
[ -d "$DIR" ] || exit 0
run=$(cd "$DIR" && pwd)/run

arguments() {
  if [ -d /proc/self ]; then
    tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || true
  else
    ps -o args= -p "$1" 2>/dev/null || true
  fi
}

ours() {
  case " $(arguments "$1") " in
    *" $run/$2-server.conf "*) return 0 ;;
  esac
  return 1
}

for name in proxy object container account; do
  [ -s "$run/$name.pid" ] || continue
  pid=$(cat "$run/$name.pid")
  if ours "$pid" "$name"; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      ours "$pid" "$name" || break
      sleep 0.1
    done
    ! ours "$pid" "$name" || kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$run/$name.pid"
done
