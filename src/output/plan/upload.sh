#!/bin/sh
# Uploads a file in parts, without credentials. Needs curl. Run it again to resume.
#   sh SCRIPT [FILE]     uploads the file
#   sh SCRIPT --abort    aborts the upload
set -eu

size=@SIZE@
count=@COUNT@
file=${1:-@FILE@}

say() { printf '%s\n' "$*" >&2; }
curl_() { curl --silent --show-error --globoff --path-as-is --connect-timeout 30 "$@"; }

if [ "$file" = --abort ]; then
  curl_ --fail --output /dev/null --request DELETE@ABORT_HEADERS@ @ABORT_URL@
  say 'the upload is aborted'
  exit 0
fi
[ -f "$file" ] || { say "error: the file $file does not exist"; exit 2; }
actual=$(wc -c < "$file" | tr -d ' ')
[ "$actual" = "$size" ] || { say "error: $file has $actual bytes, but the URLs are for $size"; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'say "stopped; run the script again to resume"; exit 130' INT TERM

# Sends with retries while the failure is transient. Sets $status; the response is in $work/answer.
send() {
  try=1
  while :; do
    status=$(curl_ --output "$work/answer" --dump-header "$work/head" --write-out '%{http_code}' "$@" < /dev/null) || status=000
    case $status in
      000 | 408 | 429 | 5??) ;;
      *) return 0 ;;
    esac
    [ "$try" -lt 8 ] || return 0
    say "failed ($status); retrying"
    sleep $((try * 2))
    try=$((try + 1))
  done
}

refused() {
  say "error: the store refused $1: $status"
  # The message of the server on one line, without control characters.
  if [ -s "$work/answer" ]; then say "$(head -c 65536 "$work/answer" | tr '\n\r\t' '   ' | LC_ALL=C tr -c '\040-\176' '?')"; fi
  say 'the URLs expire at @EXPIRES@; after that, request new ones for the same upload'
  exit 1
}

# Uploaded parts: number, size, ETag.
: > "$work/there"
while read -r url; do
  send@LIST_HEADERS@ "$url"
  [ "$status" = 200 ] || refused 'to list the parts'
  tr '<' '\n' < "$work/answer" | sed 's/&quot;/"/g; s/&#34;/"/g' | awk -F '>' '
    $1 == "PartNumber" { number = $2 }
    $1 == "ETag" { etag = $2 }
    $1 == "Size" { size = $2 }
    $1 == "/Part" { print number, size, etag }' >> "$work/there"
done << 'LISTS'
@LISTS@
LISTS

printf '<CompleteMultipartUpload>' > "$work/complete"
while read -r number offset length url; do
  etag=$(awk -v number="$number" -v size="$length" '$1 == number && $2 == size { print $3; exit }' "$work/there")
  if [ -z "$etag" ]; then
    say "part $number of $count"
    tail -c "+$((offset + 1))" "$file" | head -c "$length" > "$work/part"
    send --request PUT@PART_HEADERS@ @BODY@ "$url"
    [ "$status" = 200 ] || refused "part $number"
    etag=$(tr -d '\r' < "$work/head" | sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' | tail -n 1)
    [ -n "$etag" ] || { say "error: no ETag in the response for part $number"; exit 1; }
  fi
  printf '<Part><PartNumber>%s</PartNumber><ETag>%s</ETag></Part>' "$number" "$etag" >> "$work/complete"
done << 'PARTS'
@PARTS@
PARTS
printf '</CompleteMultipartUpload>' >> "$work/complete"

send --request POST --header 'Content-Type: application/xml'@COMPLETE_HEADERS@ --data-binary "@$work/complete" @COMPLETE_URL@
# Stores respond 200 first and may report an error in the body.
if [ "$status" != 200 ] || grep -q '<Error' "$work/answer"; then refused 'to complete the upload'; fi
say "uploaded: $count parts, $size bytes"
