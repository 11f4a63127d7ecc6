#!/usr/bin/env bash
# Makes the RPM package of a built program, and checks it.
#
#   .github/packaging/rpm.sh --binary PATH --out DIR
#
# Needs cargo-generate-rpm and rpm. The homepage is GITHUB_REPOSITORY's, or `repository` in
# Cargo.toml. Prints the path of the package.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary='' out=''
while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=$2; shift ;;
    --out) out=$2; shift ;;
    *) echo "\`$1\` is no option" >&2; exit 2 ;;
  esac
  shift
done
[ -x "$binary" ] && [ -n "$out" ] || { echo "usage: $0 --binary PATH --out DIR" >&2; exit 2; }
binary=$(realpath "$binary")
mkdir -p "$out"
out=$(realpath "$out")
cd "$here/../.."

# For cargo-generate-rpm `target/release` is the folder of --target-dir, as for cargo-deb.
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
mkdir -p "$target/release"
cp "$binary" "$target/release/cos-presign"
"$here/extras.sh" "$binary" target/extras
options=()
if [ -n "${GITHUB_REPOSITORY:-}" ]; then
  options+=(--set-metadata "url = \"${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY\"")
fi
# No build time, for reproducible packages.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
cargo generate-rpm --target-dir "$target" --output "$out/" ${options[@]+"${options[@]}"}
package=$(ls -t "$out"/*.rpm | head -n 1)

fail() { echo "$package: $*" >&2; exit 1; }

files=$(rpm --query --list --package "$package" 2>/dev/null)
for file in /usr/bin/cos-presign /usr/share/licenses/cos-presign/LICENSE /usr/share/man/man1/cos-presign.1.gz \
  /usr/share/man/man1/cos-presign-get.1.gz /usr/share/bash-completion/completions/cos-presign \
  /usr/share/zsh/site-functions/_cos-presign /usr/share/fish/vendor_completions.d/cos-presign.fish; do
  grep -qxF "$file" <<<"$files" || fail "$file is not in it"
done
cmp "$binary" <(rpm2archive - <"$package" 2>/dev/null | tar -xzOf - ./usr/bin/cos-presign) >&2 || fail "its program is another"
echo "$package"
