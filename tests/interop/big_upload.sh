#!/usr/bin/env bash
# One large file by a plan through a real Ceph RADOS Gateway that is killed on the way, over a connection that is reset once:
#
#   tests/interop/big_upload.sh --binary target/release/cos-presign [--size 1GiB]
#
# At the end the object has to be the file, to the byte, and no part that the store had acknowledged may have been sent again.
# DIR receives data and logs (default target/interop/big). Exit code 75: Ceph cannot be installed here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary='' size=1GiB
while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=$(readlink -f "$2"); shift 2 ;;
    --size) size=$2; shift 2 ;;
    *) echo "usage: $0 --binary PATH [--size 1GiB]" >&2; exit 2 ;;
  esac
done
[ -x "$binary" ] || { echo "usage: $0 --binary PATH [--size 1GiB]" >&2; exit 2; }

work=${DIR:-target/interop/big}
mkdir -p "$work"
work=$(cd "$work" && pwd)
export DIR=$work/ceph PORT=${PORT:-7481} DISK=${DISK:-bluestore}
proxy=''
# The file and the store's disk take gigabytes; the logs stay.
clean() {
  [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
  "$here/ceph/stop.sh" || true
  rm -rf "$work/file" "$DIR/data"
}
trap clean EXIT

settings=$("$here/ceph/start.sh")
setting() { sed -n "s/^$1=//p" <<<"$settings" | tail -n 1; }
signed() {
  AWS_ACCESS_KEY_ID=$(setting ACCESS_KEY) AWS_SECRET_ACCESS_KEY=$(setting SECRET_KEY) \
    "$binary" "$@" --region "$(setting REGION)" --addressing path -q
}
receiver() { env -i PATH="$PATH" "$binary" "$@"; }

rm -f "$work/proxy.port"
: >"$work/proxy.log"
python3 "$here/acknowledging_proxy.py" "$PORT" "$work/proxy.log" 5 >"$work/proxy.port" 2>"$work/proxy.err" &
proxy=$!
until [ -s "$work/proxy.port" ]; do sleep 0.05; done
endpoint=http://127.0.0.1:$(cat "$work/proxy.port")

curl --silent --show-error --fail --request PUT "$(signed request PUT big-bucket --endpoint "$(setting ENDPOINT)")"
signed multipart big-bucket/dir/big.bin --size "$size" --endpoint "$endpoint" >"$work/plan.json"
read -r bytes parts < <(python3 -c 'import json,sys; p=json.load(open(sys.argv[1])); print(p["size"], len(p["parts"]))' "$work/plan.json")
head -c "$bytes" /dev/urandom >"$work/file"
sum=$(sha256sum "$work/file" | cut -d' ' -f1)

started=$SECONDS
receiver upload "$work/plan.json" "$work/file" --json >"$work/upload.json" 2>"$work/upload.err" &
upload=$!
# A third of the parts are there: the gateway dies, and comes back after a while.
acknowledged() { grep -c '^done [0-9]* 200' "$work/proxy.log" || true; }
until [ "$(acknowledged)" -ge $((parts / 3)) ]; do
  kill -0 "$upload" 2>/dev/null || { cat "$work/upload.err" >&2; echo "the upload ended too soon" >&2; exit 1; }
  sleep 0.02
done
before=$(acknowledged)
kill -9 "$(setting GATEWAY_PID)"
sleep 3
RESTART=1 "$here/ceph/start.sh" >/dev/null
status=0
wait "$upload" || status=$?
seconds=$((SECONDS - started))
if [ $status -ne 0 ]; then
  cat "$work/upload.err" >&2
  echo "upload ended with $status" >&2
  exit 1
fi

link=$(signed get big-bucket/dir/big.bin --endpoint "$endpoint")
found=$(receiver download "$link" - | sha256sum | cut -d' ' -f1)
python3 - "$work/proxy.log" "$parts" <<'PYTHON'
import collections, sys
acknowledged, again, begun, lost, reset = set(), [], 0, 0, 0
for line in open(sys.argv[1]):
    word, part, *status = line.split()
    if word == "begin":
        begun += 1
        if part in acknowledged:
            again.append(part)
    elif word == "done" and status == ["200"]:
        acknowledged.add(part)
    lost += word == "lost"
    reset += word == "reset"
print(f"parts: {sys.argv[2]}; begun: {begun}; acknowledged: {len(acknowledged)}; lost with the gateway: {lost}; reset: {reset}; "
      f"sent again although acknowledged: {len(again)}")
if again or len(acknowledged) != int(sys.argv[2]) or lost == 0 or reset != 1:
    sys.exit("the faults did not happen, or a part was sent again: " + " ".join(again))
PYTHON
echo "file: $bytes bytes; gateway killed after $before parts; upload took $seconds s; $(cat "$work/upload.json")"
echo "SHA-256 of the file:   $sum"
echo "SHA-256 of the object: $found"
[ "$sum" = "$found" ]
