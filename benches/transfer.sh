#!/usr/bin/env bash
# One large file up and down over https on the loopback interface, beside curl. The server is nginx,
# so that it costs as little as possible.
#
#     benches/transfer.sh --binary target/release/cos-presign [--mib 1024] [--rounds 5]
#
# Needs curl, nginx, openssl. Prints medians of the wall times, and ratios of one run.
set -euo pipefail

binary='' mib=1024 rounds=5
while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=$(realpath "$2") ;;
    --mib) mib=$2 ;;
    --rounds) rounds=$2 ;;
    *) echo "usage: $0 --binary PROGRAM [--mib N] [--rounds N]" >&2; exit 2 ;;
  esac
  shift 2
done
[ -x "$binary" ] || { echo "$0: --binary names no program" >&2; exit 2; }
for tool in curl nginx openssl; do
  command -v "$tool" > /dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
done

work=$(mktemp -d)
trap 'kill "$(cat "$work/nginx.pid" 2> /dev/null)" 2> /dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/root/bucket" "$work/tmp"
head -c "$((mib << 20))" /dev/urandom > "$work/file"
cp "$work/file" "$work/root/bucket/down"
md5=$(openssl md5 -r "$work/file" | cut -d ' ' -f 1)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 1 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE 2> /dev/null
port=$((20000 + RANDOM % 20000))
cat > "$work/nginx.conf" << CONF
worker_processes 1;
pid $work/nginx.pid;
error_log $work/error.log;
user root;
events { worker_connections 64; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path $work/tmp;
  etag off;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $work/cert.pem;
    ssl_certificate_key $work/key.pem;
    root $work/root;
    location / { dav_methods PUT; add_header ETag '"$md5"' always; }
  }
}
CONF
nginx -c "$work/nginx.conf"

export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
sign() { "$binary" "$@" --endpoint "https://localhost:$port" --addressing path --region us-east-1 --quiet; }
down=$(sign get bucket/down) up=$(sign put bucket/up)

upload_ours() { "$binary" upload "$up" "$work/file" --cacert "$work/cert.pem" > /dev/null 2>> "$work/errors"; }
upload_curl() { curl --fail --silent --cacert "$work/cert.pem" --upload-file "$work/file" "$up"; }
download_ours() { rm -f "$work/got"; "$binary" download "$down" "$work/got" --cacert "$work/cert.pem" > /dev/null 2>> "$work/errors"; }
download_curl() {
  rm -f "$work/got"
  curl --fail --silent --cacert "$work/cert.pem" --output "$work/got" "$down"
  [ "$(openssl md5 -r "$work/got" | cut -d ' ' -f 1)" = "$md5" ]
}

# Interleaved, so that all see the same machine.
for subject in upload_ours upload_curl download_ours download_curl; do : > "$work/$subject"; done
for _ in $(seq "$rounds"); do
  for subject in upload_ours upload_curl download_ours download_curl; do
    started=$(date +%s%N)
    "$subject" || { cat "$work/errors" >&2; echo "$0: $subject failed" >&2; exit 1; }
    echo "$((($(date +%s%N) - started) / 1000000))" >> "$work/$subject"
    cmp -s "$work/file" "$work/root/bucket/up" || [ "$subject" = download_ours ] || [ "$subject" = download_curl ]
  done
done
median() { sort -n "$work/$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
report() {
  awk -v ours="$(median "$2")" -v theirs="$(median "$3")" -v what="$1" \
    'BEGIN { printf "%-44s %6d ms  %6d ms  %.2f\n", what, ours, theirs, ours / theirs }'
}
printf '%-44s %9s  %9s  %s\n' "$mib MiB over https, $rounds rounds each" ours curl ratio
report 'PUT, beside curl --upload-file' upload_ours upload_curl
report 'GET with MD5, beside curl and openssl md5' download_ours download_curl
