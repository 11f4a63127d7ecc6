#!/usr/bin/env bash
# Makes all packages of a release that is made up of one program, installs what can be installed
# here, and runs it.
#
#   tests/packaging/check.sh --binary target/debug/cos-presign
#
# The archives for this machine hold that program; those for other machines hold a stand-in, which
# is packed but not run. Needs Python 3.11 with venv; npm, ruby and buildah are used where they are
# there, and with PACKAGING_REQUIRED=1 their lack is a failure.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ "${1:-}" = --binary ] && [ -x "${2:-}" ] || { echo "usage: $0 --binary PATH" >&2; exit 2; }
binary=$(realpath "$2")
cd "$root"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "packaging: $*" >&2; exit 1; }
missing() {
  [ -z "${PACKAGING_REQUIRED:-}" ] || fail "$1 is not installed"
  echo "packaging: $2 not tried: $1 is not installed" >&2
}

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
here=$(uname -m)-unknown-linux-musl
archives=$work/archives
mkdir "$archives"
strip -o "$work/cos-presign" "$binary" 2>/dev/null || cp "$binary" "$work/cos-presign"
.github/packaging/extras.sh "$binary" "$work/extras"
for target in x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-apple-darwin \
  aarch64-apple-darwin x86_64-pc-windows-msvc; do
  name=cos-presign-$version-$target
  mkdir "$work/$name"
  cp -R README.md LICENSE "$work/extras/man" "$work/extras/completions" "$work/$name/"
  program=$work/$name/cos-presign
  case $target in *windows*) program+=.exe ;; esac
  if [ "$target" = "$here" ]; then cp "$work/cos-presign" "$program"; else echo "$target" >"$program"; fi
  chmod 755 "$program"
  case $target in
    *windows*) (cd "$work" && python3 -m zipfile -c "$archives/$name.zip" "$name") ;;
    *) tar -C "$work" -czf "$archives/$name.tar.gz" "$name" ;;
  esac
done

# Without a repository there is no package, and a name that is none is refused.
refused() { env -u GITHUB_REPOSITORY .github/packaging/packages.py --archives "$archives" --out "$work/none" "$@" 2>&1 && return 1 || true; }
if ! grep -q '^repository = ' Cargo.toml; then
  grep -q '^error: the repository is not known' <<<"$(refused)" || fail "packages are made for no repository"
fi
grep -q '^error: `not a repository`' <<<"$(refused --repository 'not a repository')" || fail "a repository with spaces is taken"
[ ! -e "$work/none" ] || fail "packages were written without a repository"

export GITHUB_REPOSITORY=packaging-check/links GITHUB_SERVER_URL=https://git.packaging-check.test
.github/packaging/packages.py --archives "$archives" --out "$work/packages" >"$work/listed"
.github/packaging/packages.py --archives "$archives" --out "$work/again" >/dev/null
diff -r "$work/packages" "$work/again" >&2 || fail "the same archives made other packages"
cd "$work/packages"
if grep -rlE 'OWNER|example\.(org|com)/|@example\.' homebrew scoop container/Containerfile >&2; then
  fail "these name an example"
fi

# The example of Amazon's documentation.
run() {
  local url
  url=$(AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY \
    "$@" get https://examplebucket.s3.amazonaws.com/test.txt --expires 86400 --at 2013-05-24)
  [[ $url == *"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404" ]] || fail "$*: $url"
}

echo "wheel"
[ "$(find wheels -name '*.whl' | wc -l)" = 5 ] || fail "not five wheels: $(ls wheels)"
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links wheels cos-presign
run "$work/venv/bin/cos-presign"
cmp "$work/venv/bin/cos-presign" "$work/cos-presign" || fail "the wheel holds another program"
[ -s "$work/venv/share/man/man1/cos-presign-get.1.gz" ] || fail "the wheel brings no man pages"
"$work/venv/bin/python" -c "
import importlib.metadata as found
fields = found.metadata('cos-presign')
assert fields['Version'] == '$version', fields['Version']
assert fields['Project-URL'] == 'Repository, $GITHUB_SERVER_URL/$GITHUB_REPOSITORY', fields['Project-URL']
assert all(path.locate().exists() for path in found.files('cos-presign'))
"
"$work/venv/bin/python" -m pip uninstall --quiet --yes cos-presign
[ ! -e "$work/venv/bin/cos-presign" ] || fail "pip leaves the program behind"

echo "npm packages"
if command -v npm >/dev/null; then
  mkdir "$work/npm"
  platform=$(node -p '`${process.platform}-${process.arch}`')
  # As from the registry: the package for this platform beside the one that picks it.
  (cd "$work/npm" && npm install --silent --no-audit --no-fund --offline --omit=optional \
    "$work/packages/npm/cos-presign-$platform-$version.tgz" "$work/packages/npm/cos-presign-$version.tgz")
  launched=$work/npm/node_modules/.bin/cos-presign
  run "$launched"
  code=0
  "$launched" get --no-such-option >/dev/null 2>&1 || code=$?
  [ "$code" = 2 ] || fail "the npm package exits with $code instead of 2"
  code=0
  "$launched" get b/k --keys-from - --region us-south >/dev/null 2>&1 </dev/null || code=$?
  [ "$code" != 0 ] || fail "the npm package hides the exit code"
  rm -r "$work/npm/node_modules/cos-presign-$platform"
  said=$("$launched" --version 2>&1) && fail "without its platform the npm package succeeds"
  grep -q "^hint: npm install --include=optional cos-presign" <<<"$said" || fail "no hint: $said"
  # What is for another platform npm itself refuses.
  mkdir "$work/foreign"
  said=$(cd "$work/foreign" && npm install --no-audit --no-fund --offline \
    "$work/packages/npm/cos-presign-win32-x64-$version.tgz" 2>&1) && fail "the package for Windows installs on $platform"
  grep -q EBADPLATFORM <<<"$said" || fail "the package for Windows: $said"
else
  missing npm "the npm packages were"
fi

echo "Homebrew formula"
if command -v ruby >/dev/null; then
  ruby -c homebrew/cos-presign.rb >/dev/null
  ruby "$root/tests/packaging/formula.rb" homebrew/cos-presign.rb "$archives" "$work/prefix"
  run "$work/prefix/bin/cos-presign"
else
  missing ruby "the Homebrew formula was"
fi

echo "Scoop manifest"
python3 "$root/tests/packaging/scoop.py" scoop/cos-presign.json "$archives"

echo "container image"
for architecture in amd64 arm64; do
  tree=container/$architecture
  [ -x "$tree/usr/bin/cos-presign" ] || fail "the image for $architecture has no program"
  grep -q 'BEGIN CERTIFICATE' "$tree/etc/ssl/certs/ca-certificates.crt" || fail "the image has no roots of TLS"
done
if command -v buildah >/dev/null; then
  export STORAGE_DRIVER=vfs
  storage=(--root "$work/storage" --runroot "$work/run")
  # The files only: no container is run, so nothing of the system is needed.
  for architecture in amd64 arm64; do
    buildah "${storage[@]}" build --quiet --isolation chroot --platform "linux/$architecture" \
      --tag "check-$architecture" container >/dev/null
    buildah "${storage[@]}" push --quiet "check-$architecture" "oci-archive:$work/$architecture.tar"
    python3 "$root/tests/packaging/image.py" "$work/$architecture.tar" "$architecture" "container/$architecture" \
      "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
  done
else
  missing buildah "the image was"
fi

echo "RPM package"
if command -v cargo-generate-rpm >/dev/null && command -v rpm >/dev/null; then
  cd "$root"
  package=$(.github/packaging/rpm.sh --binary "$work/cos-presign" --out "$work/rpm" | tail -n 1)
  [ "$(rpm --query --queryformat '%{URL} %{LICENSE}' --package "$package" 2>/dev/null)" = \
    "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY Apache-2.0" ] || fail "$package names another repository or license"
else
  missing "cargo-generate-rpm or rpm" "the RPM package was"
fi
