#!/usr/bin/env bash
# Adds a release of cos-presign to the PATH of the job, after verifying its checksum and provenance.
set -euo pipefail

: "${PRESIGN_VERSION:?}" "${PRESIGN_REPOSITORY:?}" "${RUNNER_TEMP:?}" "${GITHUB_PATH:?}"
version=${PRESIGN_VERSION#v}

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ending=tar.gz ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ending=tar.gz ;;
  macOS-X64) target=x86_64-apple-darwin ending=tar.gz ;;
  macOS-ARM64) target=aarch64-apple-darwin ending=tar.gz ;;
  Windows-X64) target=x86_64-pc-windows-msvc ending=zip ;;
  *) echo "::error::there is no release of cos-presign for $RUNNER_OS on $RUNNER_ARCH"; exit 1 ;;
esac

name=cos-presign-$version-$target
dir=$RUNNER_TEMP/cos-presign-$version
mkdir -p "$dir"
cd "$dir"
gh release download "v$version" --repo "$PRESIGN_REPOSITORY" --pattern "$name.$ending" --pattern SHA256SUMS --clobber
sum=$(awk -v name="$name.$ending" '$2 == name || $2 == "*" name { print $1 }' SHA256SUMS)
[ -n "$sum" ] || { echo "::error::SHA256SUMS of v$version does not name $name.$ending"; exit 1; }
if command -v sha256sum >/dev/null; then found=$(sha256sum "$name.$ending"); else found=$(shasum -a 256 "$name.$ending"); fi
[ "${found%% *}" = "$sum" ] || { echo "::error::$name.$ending is not the file that SHA256SUMS of v$version names"; exit 1; }
gh attestation verify "$name.$ending" --repo "$PRESIGN_REPOSITORY"

if [ "$ending" = zip ]; then 7z x -y "$name.zip" >/dev/null; else tar -xzf "$name.tar.gz"; fi
echo "$dir/$name" >> "$GITHUB_PATH"
