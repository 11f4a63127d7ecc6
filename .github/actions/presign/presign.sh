#!/usr/bin/env bash
# Presigns the URL and sets it as an output of the step. Credentials come from the environment of the job.
set -euo pipefail

: "${PRESIGN_TARGET:?}" "${PRESIGN_VERB:?}" "${PRESIGN_EXPIRES:?}" "${GITHUB_OUTPUT:?}"
program=${PRESIGN_PROGRAM:-cos-presign}

fail() { echo "::error::$*"; exit 1; }

command -v "$program" >/dev/null || fail "cos-presign is not on the PATH: name a release by the input \`version\`"
case $PRESIGN_VERB in
  get | put | head | delete) ;;
  *) fail "the input \`verb\` is \`$PRESIGN_VERB\`, but only get, put, head and delete make one link" ;;
esac
case ${PRESIGN_MASK:-true} in
  true | false) ;;
  *) fail "the input \`mask\` is \`$PRESIGN_MASK\`, but true or false are known" ;;
esac

options=()
if [ -n "${PRESIGN_REGION:-}" ]; then options+=(--region="$PRESIGN_REGION"); fi
if [ -n "${PRESIGN_ENDPOINT:-}" ]; then options+=(--endpoint="$PRESIGN_ENDPOINT"); fi
more=()
while IFS= read -r line; do
  line=${line%$'\r'}
  if [ -n "$line" ]; then more+=("$line"); fi
done <<<"${PRESIGN_ARGUMENTS:-}"

if [ -n "${PRESIGN_FILE:-}" ]; then
  [ -f "$PRESIGN_FILE" ] || fail "the input \`file\` is \`$PRESIGN_FILE\`, and there is no such file"
  slot=$("$program" put "$PRESIGN_TARGET" --expires 15m --json ${options[@]+"${options[@]}"})
  "$program" upload - "$PRESIGN_FILE" <<<"$slot"
fi

# JSON, for the expiry, which temporary credentials may shorten.
answer=$("$program" "$PRESIGN_VERB" "$PRESIGN_TARGET" --expires "$PRESIGN_EXPIRES" --output json \
  ${options[@]+"${options[@]}"} ${more[@]+"${more[@]}"})
# URLs and dates contain no characters that JSON escapes.
field() { grep -o "\"$1\":\"[^\"]*\"" <<<"$answer" | head -n 1 | cut -d '"' -f 4; }
url=$(field url) expires_at=$(field expires_at)
[ -n "$url" ] && [ -n "$expires_at" ] || fail "the answer of cos-presign has no link"

if [ "${PRESIGN_MASK:-true}" = true ]; then echo "::add-mask::$url"; fi
{
  echo "url=$url"
  echo "expires-at=$expires_at"
} >> "$GITHUB_OUTPUT"
echo "The link works until $expires_at."
