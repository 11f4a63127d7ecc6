#!/usr/bin/env bash
# The inspector's page in headless Chromium, and its reports beside those of the program.
#
#   tests/browser/inspector.sh --binary target/debug/cos-presign [--page target/inspector.html]
#
# Without --page it is built, which requires the Rust target wasm32-unknown-unknown. What is missing otherwise is installed
# (Debian, npm), or the tests are skipped and say so; with INTEROP_REQUIRED=1 that is a failure.
set -euo pipefail
# In the browser one case of eight with a secret; inspector_equality.js runs all of them.
export SAMPLE=${SAMPLE:-8}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary='' page=''
while [ $# -gt 1 ]; do
  case $1 in
    --binary) binary=$2 ;;
    --page) page=$2 ;;
    *) break ;;
  esac
  shift 2
done
if [ $# -ne 0 ] || [ ! -x "$binary" ]; then
  echo "usage: $0 --binary PATH [--page FILE]" >&2
  exit 2
fi

skip() {
  echo "skipped: $1"
  [ -z "${INTEROP_REQUIRED:-}" ] || exit 1
  exit 0
}

if [ -z "$page" ]; then
  target=$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) && [ -d "$target" ] \
    || skip "the Rust target wasm32-unknown-unknown is not installed"
  page=$here/../../target/inspector.html
  "$here/../../examples/inspector/build.sh" "$page"
fi
packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
if [ ${#packages[@]} -ne 0 ]; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null \
    || skip "the browser could not be installed"
fi
node "$here/inspector_equality.js" "$binary" "$page"
(cd "$here" && npm ci --no-audit --no-fund >/dev/null) || skip "the packages could not be installed from npm"
CHROMIUM=$(command -v chromium) node "$here/inspector_test.js" "$binary" "$page"
