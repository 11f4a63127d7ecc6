#!/usr/bin/env bash
# Uploads with the page that the built program prints, in headless Chromium, to a Ceph RADOS Gateway on another origin.
#
#   tests/browser/run.sh --binary target/debug/cos-presign
#
# Chromium, Node.js and Ceph come from Debian, the rest from npm; what is missing is installed. SCREENSHOTS names a directory
# for pictures of the page. Where something cannot be installed, the tests are skipped and say so; with INTEROP_REQUIRED=1 that
# is a failure.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ $# -ne 2 ] || [ "$1" != --binary ] || [ ! -x "$2" ]; then
  echo "usage: $0 --binary PATH" >&2
  exit 2
fi
binary=$(realpath "$2")
dir=${INTEROP_DIR:-$here/../../target/interop}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

skip() {
  echo "skipped: $1"
  [ -z "${INTEROP_REQUIRED:-}" ] || exit 1
  exit 0
}

install() {
  local packages=()
  command -v chromium >/dev/null || packages+=(chromium)
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  [ ${#packages[@]} -eq 0 ] && return
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

install >"$dir/browser-install.log" 2>&1 || skip "the browser could not be installed, see $dir/browser-install.log"
node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' || skip "Node.js is older than 18"
(cd "$here" && npm ci --no-audit --no-fund) >>"$dir/browser-install.log" 2>&1 \
  || skip "the packages could not be installed from npm, see $dir/browser-install.log"

store="$here/../interop/ceph"
tester=''
end() {
  [ -z "$tester" ] || kill "$tester" 2>/dev/null || true
  DIR=$dir/ceph "$store/stop.sh" || true
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
code=0
settings=$(DIR=$dir/ceph "$store/start.sh") || code=$?
[ "$code" != 75 ] || skip "Ceph cannot be installed or run here"
[ "$code" = 0 ] || exit "$code"
# In the background, because a shell notices a signal only when the command that it waits for has ended. The settings are words
# without spaces, and several of them.
# shellcheck disable=SC2086
env $settings CHROMIUM="$(command -v chromium)" node "$here/page_test.js" "$binary" &
tester=$!
wait "$tester" || code=$?
tester=''
exit "$code"
