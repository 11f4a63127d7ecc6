#!/usr/bin/env bash
# Builds the inspector: one HTML page with the library as WebAssembly in it.
#
#   examples/inspector/build.sh [OUTPUT]      (default: target/inspector.html)
#
# Requires Rust with the target wasm32-unknown-unknown (`rustup target add wasm32-unknown-unknown`) and Python 3. WASM names a
# module that is built already. Uses `wasm-opt` if it is installed; the page works without it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=${1:-$here/../../target/inspector.html}
mkdir -p "$(dirname "$output")"

wasm=${WASM:-}
if [ -z "$wasm" ]; then
  target=${CARGO_TARGET_DIR:-$here/target}
  CARGO_TARGET_DIR=$target cargo build --locked --release --target wasm32-unknown-unknown --manifest-path "$here/Cargo.toml"
  wasm=$target/wasm32-unknown-unknown/release/cos_presign_inspector.wasm
fi
if command -v wasm-opt >/dev/null; then
  smaller=$(mktemp)
  trap 'rm -f "$smaller"' EXIT
  wasm-opt -Oz --all-features "$wasm" -o "$smaller"
  wasm=$smaller
fi

python3 - "$here" "$wasm" "$output" <<'PYTHON'
import base64
import hashlib
import pathlib
import sys

here, wasm, output = map(pathlib.Path, sys.argv[1:])
style, script = ('\n' + (here / name).read_text(encoding='utf-8') for name in ('page.css', 'page.js'))
code = base64.b64encode(wasm.read_bytes()).decode()


def source(text):
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# `wasm-unsafe-eval` allows WebAssembly and no other code from text. No source of any kind is on a network.
policy = "default-src 'none'; script-src %s 'wasm-unsafe-eval'; style-src %s; img-src data:; base-uri 'none'; form-action 'none'" % (
    source(script), source(style))
page = (here / 'page.html').read_text(encoding='utf-8')
for name, text in (('POLICY', policy), ('STYLE', style), ('WASM', code), ('SCRIPT', script)):
    assert page.count('@%s@' % name) == 1, name
    page = page.replace('@%s@' % name, text)
assert len(page.encode()) <= 2 << 20, 'larger than 2 MiB'
output.write_text(page, encoding='utf-8')
print('%s: %d KiB' % (output, len(page.encode()) >> 10))
PYTHON
