#!/usr/bin/env bash
# Lets rclone and s3cmd write their own files, and compares what the built program makes of them: with rclone the whole link,
# byte for byte; with s3cmd, which signs links with version 2 only, host, path and access key.
#
#   tests/interop/tools.sh --binary target/debug/cos-presign
#
# Exit code: 0 if all agree, 1 if not, 2 for a wrong command line, 75 if a tool is missing.
set -euo pipefail

[ $# -eq 2 ] && [ "$1" = --binary ] && [ -x "$2" ] || { echo "usage: $0 --binary PATH" >&2; exit 2; }
binary=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
python=${PYTHON:-python3}
for tool in rclone s3cmd "$python"; do
  command -v "$tool" >/dev/null || { echo "$tool is missing"; exit 75; }
done

home=$(mktemp -d)
server=''
trap 'rm -rf "$home"; [ -z "$server" ] || kill "$server" 2>/dev/null' EXIT

# rclone checks whether the object exists before it makes a URL; this store always confirms.
"$python" - "$home/port" <<'PY' &
import http.server, sys
class Yes(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.send_header("ETag", '"d41d8cd98f00b204e9800998ecf8427e"')
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Yes)
open(sys.argv[1] + ".new", "w").write(str(server.server_port))
import os; os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PY
server=$!
for _ in $(seq 100); do [ -s "$home/port" ] && break; sleep 0.1; done
port=$(cat "$home/port")

clean() { env -i HOME="$home" PATH="$PATH" LC_ALL=C.UTF-8 "$@"; }
failed=0 compared=0
compare() {
  compared=$((compared + 1))
  if [ "$2" = "$3" ]; then
    echo "ok: $1"
  else
    printf 'differ: %s\n  theirs: %s\n  ours:   %s\n' "$1" "$2" "$3"
    failed=1
  fi
}
# A link with its parameters in the order of their names: rclone signs them so, but prints them otherwise.
ordered() { printf '%s?' "${1%%\?*}"; tr '&' '\n' <<<"${1#*\?}" | LC_ALL=C sort | paste -sd '&'; }
parameter() { sed -n "s/.*[?&]$1=\([^&]*\).*/\1/p" <<<"$2"; }

remote() { clean rclone config create "$@" >/dev/null 2>&1; }
remote ceph s3 provider=Ceph access_key_id=AKIDEXAMPLE secret_access_key='s/e+cret==' endpoint="http://127.0.0.1:$port"
remote ibm s3 provider=IBMCOS access_key_id=0123456789abcdef secret_access_key=secret endpoint="http://127.0.0.1:$port" region=eu-de
remote token s3 provider=Other access_key_id=ASIA secret_access_key=secret session_token='to/ken+==' endpoint="http://127.0.0.1:$port"
remote folder alias remote=ceph:bucket/in/side

while read -r target; do
  theirs=$(clean rclone link --expire 90m "$target" 2>/dev/null) || theirs="rclone link failed"
  ours=$(clean "$binary" get "$target" --quiet --expires 90m --at "$(parameter X-Amz-Date "$theirs")" 2>&1) || true
  compare "rclone $target" "$(ordered "$theirs")" "$(ordered "$ours")"
done <<'TARGETS'
ceph:bucket/key
ceph:bucket/a folder/ü+&=?%.txt
ceph:bucket/it's (1)!*~.txt
ibm:bucket/key
token:bucket/key
folder:key
TARGETS

clean s3cmd --access_key=AKIDEXAMPLE --secret_key='s/e+cret' --host=s3.eu-de.cloud-object-storage.appdomain.cloud \
  --host-bucket=s3.eu-de.cloud-object-storage.appdomain.cloud --dump-config >"$home/.s3cfg"
theirs=$(clean s3cmd signurl 's3://bucket/a b/ü+' +3600 2>/dev/null) || theirs="s3cmd signurl failed"
ours=$(clean "$binary" get 'bucket/a b/ü+' 2>&1) || true
credential=$(parameter X-Amz-Credential "$ours")
theirs_place=${theirs%%\?*} ours_place=${ours%%\?*}
compare "s3cmd: host and path" "${theirs_place#*://}" "${ours_place#*://}"
compare "s3cmd: access key" "$(parameter AWSAccessKeyId "$theirs")" "${credential%%%2F*}"

echo "$compared links compared with those of $(rclone version | head -1) and $(s3cmd --version)"
exit "$failed"
