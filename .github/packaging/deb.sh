#!/usr/bin/env bash
# Makes the Debian package of a built program, and checks it.
#
#   .github/packaging/deb.sh --binary PATH --out DIR [--install]
#
# Needs cargo-deb and dpkg-deb. With --install (as root or with sudo) the package is installed, tested and
# removed again. Prints the path of the package.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary='' out='' install=''
while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=$2; shift ;;
    --out) out=$2; shift ;;
    --install) install=1 ;;
    *) echo "\`$1\` is no option" >&2; exit 2 ;;
  esac
  shift
done
[ -x "$binary" ] && [ -n "$out" ] || { echo "usage: $0 --binary PATH --out DIR [--install]" >&2; exit 2; }
binary=$(realpath "$binary")
mkdir -p "$out"
out=$(realpath "$out")
cd "$here/../.."

# For cargo-deb `target/release` is the target directory of cargo; other paths are relative to this directory.
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
mkdir -p "$target/release"
cp "$binary" "$target/release/cos-presign"
"$here/extras.sh" "$binary" target/extras
CARGO_TARGET_DIR=$target cargo deb --no-build --no-strip --locked --quiet --output "$out/"
package=$(ls -t "$out"/*.deb | head -n 1)

fail() { echo "$package: $*" >&2; exit 1; }

files=$(dpkg-deb --contents "$package" | awk '{ print $6 }')
for file in usr/bin/cos-presign usr/share/doc/cos-presign/copyright usr/share/man/man1/cos-presign.1.gz \
  usr/share/man/man1/cos-presign-get.1.gz usr/share/bash-completion/completions/cos-presign \
  usr/share/zsh/vendor-completions/_cos-presign usr/share/fish/vendor_completions.d/cos-presign.fish; do
  grep -qxF "./$file" <<<"$files" || fail "$file is not in it"
done

if [ -n "$install" ]; then
  as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
  # Container images are often configured without documentation, so man pages are enabled here.
  as_root dpkg --path-include='/usr/share/man/*' --install "$package" >/dev/null
  trap 'rm -rf "$target"; as_root dpkg --remove cos-presign >/dev/null' EXIT
  # The example of Amazon's documentation.
  link=$(AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY \
    /usr/bin/cos-presign get https://examplebucket.s3.amazonaws.com/test.txt --expires 86400 --at 2013-05-24)
  [[ $link == *"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404" ]] || fail "the link is $link"
  gzip -dc /usr/share/man/man1/cos-presign-get.1.gz | grep -q '^\.SH EXAMPLES' || fail "the man page has no examples"
  if [ -e /usr/share/bash-completion/bash_completion ]; then
    # Loaded by name at the first Tab, as by a shell.
    completed=$(bash --norc -c '. /usr/share/bash-completion/bash_completion; _comp_load cos-presign 2>/dev/null || __load_completion cos-presign
      complete -p cos-presign')
    [[ $completed == *_clap_complete_cos_presign* ]] || fail "bash does not load its completion: $completed"
  fi
fi
echo "$package"
