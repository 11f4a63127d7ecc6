#!/usr/bin/env bash
# Writes the additional files of a package: man pages and completions, printed by the program.
#
#   .github/packaging/extras.sh BINARY DIR
#
# makes DIR/man/*.1.gz and DIR/completions/{cos-presign.bash,_cos-presign,cos-presign.fish,cos-presign.ps1,cos-presign.elv}.
set -euo pipefail

[ $# -eq 2 ] || { echo "usage: $0 BINARY DIR" >&2; exit 2; }
binary=$1 dir=$2

rm -rf "$dir"
mkdir -p "$dir/man" "$dir/completions"

verbs=$("$binary" --help | sed -n '/^Commands:/,/^Options:/s/^  \([a-z][a-z-]*\)  *[A-Z].*$/\1/p')
[ -n "$verbs" ] || { echo "\`$binary --help\` lists no verbs" >&2; exit 1; }

"$binary" man > "$dir/man/cos-presign.1"
for verb in $verbs; do
  "$binary" man "$verb" > "$dir/man/cos-presign-$verb.1"
done
# No time in the header, for reproducible packages.
gzip -9n "$dir"/man/*.1

"$binary" completions bash > "$dir/completions/cos-presign.bash"
"$binary" completions zsh > "$dir/completions/_cos-presign"
"$binary" completions fish > "$dir/completions/cos-presign.fish"
"$binary" completions powershell > "$dir/completions/cos-presign.ps1"
"$binary" completions elvish > "$dir/completions/cos-presign.elv"
