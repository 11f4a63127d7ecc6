#!/usr/bin/env bash
# Builds and tries the program for machines that this one is not: aarch64 Linux under qemu, Windows under Wine, and WebAssembly.
#
#   tests/portability/run.sh --binary target/debug/cos-presign [--root DIR] [--only wasm32,aarch64,windows]
#
# Everything is compiled in a Debian unstable tree made by debootstrap, because its packages have the standard libraries of these
# targets. Needs root, Debian or Ubuntu, 8 GiB and an hour on two processors. --root names the tree, which is kept and used again
# (default: target/portability); the printed table is that of docs/testing.md. --binary is the program of this machine, with which
# outputs are compared. The exit status is 0 if no check failed; what cannot be run here is `not run` with the reason.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
root=$source/target/portability only=wasm32,aarch64,windows binary=''
while [ $# -gt 1 ]; do
  case $1 in
    --binary) binary=$2 ;;
    --root) root=$2 ;;
    --only) only=$2 ;;
    *) break ;;
  esac
  shift 2
done
if [ $# -ne 0 ] || [ ! -x "$binary" ]; then
  echo "usage: $0 --binary PATH [--root DIR] [--only wasm32,aarch64,windows]" >&2
  exit 2
fi
[ "$(id -u)" = 0 ] || { echo "portability: root is required, for chroot and mount" >&2; exit 2; }
binary=$(realpath "$binary")
mkdir -p "$root"
root=$(realpath "$root")
logs=$root/logs
work=$(mktemp -d)

# The tree

mounted=()
mount_into() {
  mkdir -p "$root/$2"
  mountpoint -q "$root/$2" || { mount "${@:3}" "$1" "$root/$2"; mounted+=("$root/$2"); }
}
end() {
  # A mounted directory must never be removed together with the tree.
  for ((index = ${#mounted[@]} - 1; index >= 0; index--)); do umount "${mounted[index]}" || true; done
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ ! -e "$root/var/lib/dpkg/status" ] || [ -d "$root/debootstrap" ]; then
  command -v debootstrap >/dev/null || { apt-get update -qq; apt-get install -y -qq debootstrap; }
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null \
    | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' ')
  debootstrap --variant=minbase --include=ca-certificates sid "$root" "${mirror:-http://deb.debian.org/debian}"
fi
mkdir -p "$logs"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
# Its own links lead out of the tree when they are followed from here.
rm -rf "$root/etc/ssl/certs"
cp -rL /etc/ssl/certs "$root/etc/ssl/"
mount_into proc proc -t proc
mount_into /dev dev --bind
mount_into "$source" source --bind
mkdir -p "$HOME/.cargo"
# The settings of the registry, and what is downloaded already.
mount_into "$HOME/.cargo" root/.cargo --bind

inside() {
  chroot "$root" env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 CARGO_HOME=/root/.cargo \
    CARGO_TARGET_DIR=/target RUSTUP_TOOLCHAIN= WINEDEBUG=-all WINEPREFIX=/root/wine \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt CARGO_HTTP_CAINFO=/etc/ssl/certs/ca-certificates.crt \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu' \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld \
    CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc \
    CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine "${environment[@]}" sh -c 'cd /source && exec "$@"' sh "$@"
}
environment=()

install() {
  inside dpkg --add-architecture arm64
  [ -n "$(find "$root/var/lib/apt/lists" -name '*Packages*' -print -quit)" ] || inside apt-get update -qq
  inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# The table

failed=0
rows=()
row() {
  rows+=("| $1 | $2 | $3 |")
  printf '%-8s %-44s %s\n' "$1" "$2" "$3"
}
# check TARGET NAME COMMAND...: within the command, `set -e` has no effect.
check() {
  local log
  log=$logs/$1-$(tr -c 'a-z0-9\n' - <<<"${2,,}").log
  if "${@:3}" >"$log" 2>&1; then
    row "$1" "$2" "yes$(counted "$log")"
  else
    failed=1
    row "$1" "$2" "**no**, see ${log##*/}"
  fi
}
has() { [[ ,$only, == *,$1,* ]]; }
no_warnings() { ! grep -A6 -E '^warning: (unused|unreachable|[a-z]+ `)' "$1"; }
counted() { grep -hoE 'test result: ok\. [0-9]+ passed; [0-9]+ failed' "$1" | awk '{ sum += $4 } END { if (sum) print ", " sum " tests" }'; }

# The example of Amazon's documentation.
ID=AKIAIOSFODNN7EXAMPLE
SECRET=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
SIGNATURE=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404
example=(get examplebucket/test.txt --endpoint https://s3.amazonaws.com --addressing virtual --region us-east-1 --expires 86400
  --at 2013-05-24T00:00:00Z)
credentials=("AWS_ACCESS_KEY_ID=$ID" "AWS_SECRET_ACCESS_KEY=$SECRET")

signs() {
  inside env "${credentials[@]}" "$@" "${example[@]}" | tr -d '\r' >"$work/url"
  cat "$work/url"
  grep -q "X-Amz-Signature=$SIGNATURE\$" "$work/url"
}

# The same keys, with Windows' line ends too, give the same bytes as on this machine.
signs_in_bulk() {
  python3 - "$work" <<'PYTHON'
import pathlib, sys
keys = ['dir/%d é +%%.txt' % number for number in range(20_000)]
for name, end in (('keys', '\n'), ('keys-crlf', '\r\n')):
    pathlib.Path(sys.argv[1], name).write_bytes(''.join(key + end for key in keys).encode())
PYTHON
  local options=(get --bucket bucket --keys-from - --endpoint https://s3.amazonaws.com --region us-east-1 --at 2013-05-24T00:00:00Z)
  env -i HOME=/nonexistent "${credentials[@]}" "$binary" "${options[@]}" <"$work/keys" >"$work/expected"
  [ "$(wc -l <"$work/expected")" = 20000 ] || return 1
  local keys
  for keys in keys keys-crlf; do
    inside env "${credentials[@]}" "$@" "${options[@]}" <"$work/$keys" >"$work/links" || return 1
    cmp "$work/expected" "$work/links" || return 1
  done
}

# Test programs are run without cargo: one that starts the program starts a script, which runs it in the emulator.
test_program() {
  inside cargo test --locked --release --target "$1" "${@:2}" --no-run --message-format json 2>/dev/null \
    | python3 -c 'import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["profile"]["test"]: print(message["executable"])' | tail -n 1
}

# Targets

install_common() { install rustc cargo rust-src gcc libc6-dev lld; }

wasm32() {
  install libstd-rust-dev-wasm32
  check wasm32 'the bare core compiles' inside cargo build --locked --release --lib --no-default-features --target wasm32-unknown-unknown
  check wasm32 'without warnings' no_warnings "$logs/wasm32-the-bare-core-compiles.log"
  check wasm32 'the inspector compiles' inside cargo build --locked --release --target wasm32-unknown-unknown \
    --manifest-path examples/inspector/Cargo.toml --config profile.release.lto=\"fat\" --config profile.release.codegen-units=1
  check wasm32 'one page' env WASM="$root/target/wasm32-unknown-unknown/release/cos_presign_inspector.wasm" \
    "$source/examples/inspector/build.sh" "$source/target/inspector.html"
  if command -v node >/dev/null; then
    check wasm32 'reports equal the program' node "$source/tests/browser/inspector_equality.js" "$binary" "$source/target/inspector.html"
  else
    row wasm32 'reports equal the program' 'not run: no Node.js'
  fi
}

emulator() {
  cat <<C
#include <stdlib.h>
#include <unistd.h>
int main(int count, char **given) {
  char **words = calloc(count + 4, sizeof *words);
  char *first[] = {"qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", "$1"};
  for (int index = 0; index < 4; index++) words[index] = first[index];
  for (int index = 1; index < count; index++) words[index + 3] = given[index];
  execvp(words[0], words);
  return 127;
}
C
}

aarch64() {
  local target=aarch64-unknown-linux-gnu emulated=(qemu-aarch64 -L /usr/aarch64-linux-gnu)
  install libstd-rust-dev:arm64 gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
  local program=/target/$target/release/cos-presign
  check aarch64 'compiles' inside cargo build --locked --release --target $target
  check aarch64 'without warnings' no_warnings "$logs/aarch64-compiles.log"
  [ -x "$root$program" ] || return 0
  check aarch64 'the documented signature' signs "${emulated[@]}" $program
  check aarch64 'bulk equals x86-64' signs_in_bulk "${emulated[@]}" $program
  check aarch64 'unit tests' inside cargo test --locked --release --target $target --lib
  # Some tests start the program: in its place is one that runs it in the emulator, and passes on every variable, which a shell
  # does not. They cannot start themselves again with a clean environment, so they are started with one.
  local library suite
  library=$(test_program $target --test library) || true
  suite=$(test_program $target --test suite) || true
  mv "$root$program" "$root$program.arm"
  emulator $program.arm >"$root/tmp/emulator.c"
  inside gcc -o $program /tmp/emulator.c
  local name
  for name in "tests of the library=$library" "golden cases=$suite golden::"; do
    local command=${name#*=}
    if [ -n "${command%golden::}" ] && [ "$command" != ' golden::' ]; then
      # shellcheck disable=SC2086 # The test program, and its filter.
      check aarch64 "${name%%=*}" inside env -i PATH=/usr/bin:/bin COS_PRESIGN_CLEAN_ENVIRONMENT=1 "${credentials[@]}" "${emulated[@]}" $command
    else
      row aarch64 "${name%%=*}" 'not run: the test program does not compile'
    fi
  done
  mv "$root$program.arm" "$root$program"
}

wine_has_what_rust_needs() {
  # Wine before 9 has no bcryptprimitives.dll, from which the standard library takes its random numbers.
  cat >"$root/tmp/stub.c" <<'C'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE place, SIZE_T length) { return RtlGenRandom(place, (ULONG)length); }
C
  local folder
  for folder in release release/deps; do
    inside x86_64-w64-mingw32-gcc -shared -o "/target/x86_64-pc-windows-gnu/$folder/bcryptprimitives.dll" /tmp/stub.c -ladvapi32
  done
}

# Windows' own forms of paths and names.
windows_paths() {
  inside mkdir -p /root/wine/drive_c/in /root/wine/drive_c/out
  printf 'dir/a.txt\r\n' >"$root/root/wine/drive_c/in/keys.txt"
  rm -f "$root/root/wine/drive_c/out/link.txt"
  # A drive letter, and backslashes, in options that name files.
  local options=(--endpoint https://s3.amazonaws.com --region us-east-1)
  inside env "${credentials[@]}" "$@" get --bucket bucket --keys-from 'C:\in\keys.txt' "${options[@]}" | tee /dev/stderr \
    | grep -q '/dir/a.txt?' || return 1
  inside env "${credentials[@]}" "$@" get bucket/dir/b.txt --output-file 'C:\out\link.txt' "${options[@]}" || return 1
  grep -q '/dir/b.txt?' "$root/root/wine/drive_c/out/link.txt" || return 1
  ! grep -q $'\r' "$root/root/wine/drive_c/out/link.txt"
}

windows_names() {
  # Names that Windows keeps for devices are changed in printed commands.
  local key
  for key in con nul.txt COM1.log 'aux.tar.gz'; do
    inside env "${credentials[@]}" "$@" get "bucket/dir/$key" --endpoint https://s3.amazonaws.com --region us-east-1 --output powershell \
      | tee /dev/stderr | grep -qF "_$key" || return 1
  done
}

windows_profile() {
  # Wine sets USERPROFILE itself. A HOME that a shell of another system sets is not the place.
  local profile=$root/root/wine/drive_c/users/root
  mkdir -p "$profile/.aws"
  printf '[default]\r\naws_access_key_id = %s\r\naws_secret_access_key = %s\r\n' $ID $SECRET >"$profile/.aws/credentials"
  inside env 'HOME=C:\nowhere' "$@" "${example[@]}" | tr -d '\r' | tee /dev/stderr | grep -q "$SIGNATURE\$"
}

windows() {
  local target=x86_64-pc-windows-gnu
  install gcc-mingw-w64-x86-64
  install wine64 wine || { row windows 'Wine' 'not run: Wine cannot be installed'; return 0; }
  # The standard library for this target is in no package: it is built from its source.
  # Tests need unwinding; two standard libraries in one folder would be mixed up.
  environment=(RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_PANIC=unwind)
  local build=(-Zbuild-std=std,panic_unwind,test --target $target) program=/target/$target/release/cos-presign.exe
  check windows 'compiles' inside cargo build --locked --release "${build[@]}"
  check windows 'without warnings' no_warnings "$logs/windows-compiles.log"
  [ -e "$root$program" ] || { environment=(); return 0; }
  inside wineboot --init >"$logs/windows-wineboot.log" 2>&1 || true
  wine_has_what_rust_needs
  check windows 'the documented signature' signs wine $program
  check windows 'bulk equals Linux, both line ends' signs_in_bulk wine $program
  check windows 'backslashes and drive letters' windows_paths wine $program
  check windows 'names of devices' windows_names wine $program
  check windows 'credentials under USERPROFILE' windows_profile wine $program
  check windows 'PowerShell and cmd quoting' windows_quoting wine $program
  check windows 'unit tests' inside cargo test --locked --release "${build[@]}" --lib
  row windows 'consoles, TLS, file modes' 'not run: Wine is not Windows there'
  # It would keep the tree busy.
  inside wineserver --kill || true
  environment=()
}

# No registry has PowerShell: its published rules are applied to what is printed. Within single quotes only the quote is
# special, and it is doubled (also its typographic forms).
windows_quoting() {
  local key="it's a \$(calc) \`b \"c\" %PATH% ’x.txt"
  inside env "${credentials[@]}" "$@" get "bucket/$key" --endpoint https://s3.amazonaws.com --region us-east-1 --at 2013-05-24T00:00:00Z \
    --output powershell | tr -d '\r' >"$work/powershell"
  env -i HOME=/nonexistent "${credentials[@]}" "$binary" get "bucket/$key" --endpoint https://s3.amazonaws.com --region us-east-1 \
    --at 2013-05-24T00:00:00Z >"$work/url"
  cat "$work/powershell"
  python3 - "$work/powershell" "$work/url" <<'PYTHON'
import pathlib, re, sys
command, url = (pathlib.Path(name).read_text(encoding='utf-8').strip() for name in sys.argv[1:])
quotes = "'\u2018\u2019\u201a\u201b"
words, bare, at = [], '', 0
while at < len(command):
    if command[at] in quotes:
        word, at = '', at + 1
        while True:
            if command[at] in quotes and command[at + 1:at + 2] and command[at + 1] in quotes:
                word, at = word + command[at], at + 2
            elif command[at] in quotes:
                break
            else:
                word, at = word + command[at], at + 1
        words.append(word)
    else:
        bare += command[at]
    at += 1
assert url in words, words
assert not re.search(r'[$`"]\(|calc|PATH', bare), bare
PYTHON
}

install_common >"$logs/install.log" 2>&1 || { cat "$logs/install.log"; exit 1; }
has wasm32 && wasm32
has aarch64 && aarch64
has windows && windows

printf '\n| target | check | result |\n| --- | --- | --- |\n'
printf '%s\n' "${rows[@]}"
exit "$failed"
