#!/usr/bin/env python3
"""Makes every package that wraps a released program, from the archives of the release.

    .github/packaging/packages.py --archives DIR --out DIR [--repository OWNER/NAME]

DIR holds `cos-presign-VERSION-TARGET.tar.gz` (`.zip` for Windows), as the release workflow packs
them. Written are

    wheels/*.whl            for PyPI: `pip install cos-presign`, `uvx cos-presign`
    npm/*.tgz               for the npm registry: one package a platform, and the one that picks it
    homebrew/cos-presign.rb the formula for a tap
    scoop/cos-presign.json  the manifest for a bucket
    container/              the context of a `scratch` image for two architectures

The program inside is the file of the archive, byte for byte: what was attested is what is
installed. (maturin and its like pack only what they have compiled themselves.) Only the standard
library is used, and equal archives make equal packages.

The repository is the option, or GITHUB_REPOSITORY, or `repository` in Cargo.toml; without any of
them nothing is written. Packages for a platform without an archive are omitted.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import stat
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# The static program runs with every C library, so only that is packaged for Linux.
PLATFORMS = {
    "x86_64-unknown-linux-musl": {
        "wheel": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
        "npm": ("linux", "x64"),
        "container": "amd64",
    },
    "aarch64-unknown-linux-musl": {
        "wheel": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "npm": ("linux", "arm64"),
        "container": "arm64",
    },
    # The minimum versions of Rust's standard library.
    "x86_64-apple-darwin": {"wheel": "macosx_10_12_x86_64", "npm": ("darwin", "x64")},
    "aarch64-apple-darwin": {"wheel": "macosx_11_0_arm64", "npm": ("darwin", "arm64")},
    "x86_64-pc-windows-msvc": {"wheel": "win_amd64", "npm": ("win32", "x64")},
}

HOMEBREW = [
    ("on_macos", "on_arm", "aarch64-apple-darwin"),
    ("on_macos", "on_intel", "x86_64-apple-darwin"),
    ("on_linux", "on_arm", "aarch64-unknown-linux-musl"),
    ("on_linux", "on_intel", "x86_64-unknown-linux-musl"),
]

# Packages contain no build time. The minimum time of ZIP files.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def fail(message: str) -> None:
    sys.exit(f"error: {message}")


class Release:
    """What the packages say about the program, and the files that were released."""

    def __init__(self, archives: Path, repository: str | None):
        package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
        self.name, self.version, self.license = package["name"], package["version"], package["license"]
        self.description = package["description"]
        self.keywords = package["keywords"]
        self.authors = package["metadata"]["distribution"]["authors"]
        self.url = repository_url(repository, package.get("repository"))
        self.archives = {}
        for target in PLATFORMS:
            ending = "zip" if "windows" in target else "tar.gz"
            path = archives / f"{self.name}-{self.version}-{target}.{ending}"
            if path.exists():
                self.archives[target] = path
        if not self.archives:
            fail(f"`{archives}` (--archives) has no `{self.name}-{self.version}-TARGET.tar.gz`")

    def download_url(self, target: str) -> str:
        return f"{self.url}/releases/download/v{self.version}/{self.archives[target].name}"

    def digest(self, target: str) -> str:
        return hashlib.sha256(self.archives[target].read_bytes()).hexdigest()

    def folder(self, target: str) -> str:
        return f"{self.name}-{self.version}-{target}"

    def program_name(self, target: str) -> str:
        return f"{self.name}.exe" if "windows" in target else self.name

    def file(self, target: str, name: str) -> bytes:
        path, member = self.archives[target], f"{self.folder(target)}/{name}"
        try:
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    return archive.read(member)
            with tarfile.open(path) as archive:
                return archive.extractfile(member).read()
        except KeyError:
            fail(f"`{path}` does not hold `{member}`")

    def man_pages(self, target: str) -> list[str]:
        with tarfile.open(self.archives[target]) as archive:
            names = archive.getnames()
        prefix = f"{self.folder(target)}/man/"
        return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))

    def program(self, target: str) -> bytes:
        return self.file(target, self.program_name(target))


def repository_url(option: str | None, manifest: str | None) -> str:
    named = option or os.environ.get("GITHUB_REPOSITORY") or manifest
    if not named:
        fail(
            "the repository is not known: no --repository, no GITHUB_REPOSITORY, and no"
            " `repository` in Cargo.toml\nhint: --repository \"$(git remote get-url origin)\""
        )
    if re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", named):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server.rstrip('/')}/{named}"
    if re.fullmatch(r"https://[A-Za-z0-9.:-]+(/[A-Za-z0-9._-]+){2,}", named):
        return named.removesuffix(".git")
    fail(f"`{named}` is no repository: write OWNER/NAME or its https:// URL")


# --- PyPI -----------------------------------------------------------------------------------------


def write_wheel(release: Release, target: str, out: Path) -> None:
    module = release.name.replace("-", "_")
    stem = f"{module}-{release.version}"
    info = f"{stem}.dist-info"
    tags = [f"py3-none-{tag}" for tag in PLATFORMS[target]["wheel"].split(".")]
    metadata = [
        "Metadata-Version: 2.4",
        f"Name: {release.name}",
        f"Version: {release.version}",
        f"Summary: {release.description}",
        f"Author: {release.authors}",
        f"License-Expression: {release.license}",
        "License-File: LICENSE",
        f"Keywords: {','.join(release.keywords)}",
        "Classifier: Environment :: Console",
        "Classifier: Programming Language :: Rust",
        "Classifier: Topic :: System :: Archiving",
        f"Project-URL: Repository, {release.url}",
        "Requires-Python: >=3.7",
        "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM",
    ]
    wheel = ["Wheel-Version: 1.0", f"Generator: {release.name} {release.version}", "Root-Is-Purelib: false"]
    wheel += [f"Tag: {tag}" for tag in tags]
    data = f"{stem}.data"
    files = {f"{data}/scripts/{release.program_name(target)}": release.program(target)}
    if "windows" not in target:
        # Below the prefix of the environment, where `man` finds them.
        for name in release.man_pages(target):
            files[f"{data}/data/share/man/man1/{name}"] = release.file(target, f"man/{name}")
    files |= {
        f"{info}/licenses/LICENSE": release.file(target, "LICENSE"),
        f"{info}/METADATA": ("\n".join(metadata) + "\n\n").encode() + release.file(target, "README.md"),
        f"{info}/WHEEL": ("\n".join(wheel) + "\n").encode(),
    }
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = out / f"{stem}-py3-none-{PLATFORMS[target]['wheel']}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o755 if "/scripts/" in name else 0o644
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, content)


# --- npm ------------------------------------------------------------------------------------------


def write_npm_package(out: Path, manifest: dict, files: dict[str, tuple[bytes, int]]) -> None:
    files = {"package.json": (json_text(manifest).encode(), 0o644), **files}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    name = f"{manifest['name']}-{manifest['version']}.tgz"
    (out / name).write_bytes(gzip.compress(packed.getvalue(), mtime=0))


def write_npm(release: Release, out: Path) -> None:
    common = {
        "version": release.version,
        "license": release.license,
        "author": release.authors,
        "repository": {"type": "git", "url": f"git+{release.url}.git"},
        "homepage": release.url,
    }
    platforms = {}
    for target in release.archives:
        system, processor = PLATFORMS[target]["npm"]
        name = f"{release.name}-{system}-{processor}"
        platforms[f"{system}-{processor}"] = name
        manifest = {
            "name": name,
            "description": f"{release.name} for {system} on {processor}",
            **common,
            "os": [system],
            "cpu": [processor],
            "preferUnplugged": True,
        }
        program = f"bin/{release.program_name(target)}"
        texts = {name: (release.file(target, name), 0o644) for name in ("LICENSE", "README.md")}
        write_npm_package(out, manifest, {program: (release.program(target), 0o755), "LICENSE": texts["LICENSE"]})
    launcher = (HERE / "npm-launcher.js").read_text().replace("PLATFORMS", json.dumps(platforms, sort_keys=True))
    manifest = {
        "name": release.name,
        "description": release.description,
        **common,
        "keywords": release.keywords,
        "bin": {release.name: "launcher.js"},
        "engines": {"node": ">=16"},
        "optionalDependencies": {name: release.version for name in sorted(platforms.values())},
    }
    write_npm_package(out, manifest, {"launcher.js": (launcher.encode(), 0o755), **texts})


def json_text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


# --- Homebrew and Scoop ---------------------------------------------------------------------------


def homebrew_formula(release: Release) -> str:
    lines = [
        "class CosPresign < Formula",
        f'  desc "{homebrew_summary(release.description)}"',
        f'  homepage "{release.url}"',
        f'  version "{release.version}"',
        f'  license "{release.license}"',
    ]
    for system in ("on_macos", "on_linux"):
        blocks = [row for row in HOMEBREW if row[0] == system and row[2] in release.archives]
        if not blocks:
            continue
        lines += ["", f"  {system} do"]
        for _, processor, target in blocks:
            lines += [
                f"    {processor} do",
                f'      url "{release.download_url(target)}"',
                f'      sha256 "{release.digest(target)}"',
                "    end",
            ]
        lines += ["  end"]
    lines += [
        "",
        "  def install",
        '    bin.install "cos-presign"',
        '    man1.install Dir["man/*.1.gz"]',
        '    bash_completion.install "completions/cos-presign.bash" => "cos-presign"',
        '    zsh_completion.install "completions/_cos-presign"',
        '    fish_completion.install "completions/cos-presign.fish"',
        "  end",
        "",
        "  test do",
        "    # The example of Amazon's documentation.",
        '    ENV["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"',
        '    ENV["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
        '    object = "https://examplebucket.s3.amazonaws.com/test.txt"',
        '    url = shell_output("#{bin}/cos-presign get #{object} --expires 86400 --at 2013-05-24")',
        '    assert_match "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", url',
        "  end",
        "end",
    ]
    return "\n".join(lines) + "\n"


def homebrew_summary(description: str) -> str:
    """`brew audit` takes at most 80 characters, and the name of the formula not in front."""
    first = description.split(",")[0]
    return first if len(first) <= 80 else first[:80].rsplit(" ", 1)[0]


def scoop_manifest(release: Release, target: str) -> dict:
    address = release.download_url(target)
    return {
        "version": release.version,
        "description": release.description,
        "homepage": release.url,
        "license": release.license,
        "architecture": {
            "64bit": {
                "url": address,
                "hash": release.digest(target),
                "extract_dir": release.folder(target),
            }
        },
        "bin": release.program_name(target),
        "checkver": {"github": release.url},
        "autoupdate": {
            "architecture": {
                "64bit": {
                    "url": address.replace(release.version, "$version"),
                    "extract_dir": release.folder(target).replace(release.version, "$version"),
                }
            },
            "hash": {"url": "$baseurl/SHA256SUMS"},
        },
    }


# --- Container ------------------------------------------------------------------------------------


def write_container(release: Release, out: Path) -> None:
    """`scratch` has nothing: the program is static, and the roots of TLS are brought along."""
    if not CERTIFICATES.exists():
        fail(f"`{CERTIFICATES}` does not exist\nhint: apt-get install ca-certificates")
    for target in release.archives:
        architecture = PLATFORMS[target].get("container")
        if not architecture:
            continue
        tree = out / architecture
        for folder in ("usr/bin", "etc/ssl/certs", "usr/share/doc/cos-presign"):
            (tree / folder).mkdir(parents=True)
        program = tree / "usr/bin" / release.name
        program.write_bytes(release.program(target))
        program.chmod(0o755)
        shutil.copyfile(CERTIFICATES, tree / CERTIFICATES.relative_to("/"))
        (tree / "usr/share/doc/cos-presign/LICENSE").write_bytes(release.file(target, "LICENSE"))
        # The user that runs the program; credentials are searched in its home directory.
        (tree / "etc/passwd").write_text("user:x:65532:65532::/home/user:/sbin/nologin\n")
        (tree / "home/user").mkdir(parents=True)
        (tree / "home/user/.keep").write_text("")
    labels = {
        "title": release.name,
        "description": release.description,
        "version": release.version,
        "licenses": release.license,
        "source": release.url,
    }
    lines = ["# Made by .github/packaging/packages.py.", "FROM scratch", "ARG TARGETARCH"]
    lines += ["COPY ${TARGETARCH}/ /"]
    lines += [f"LABEL org.opencontainers.image.{name}={json.dumps(value)}" for name, value in labels.items()]
    lines += ["USER 65532:65532", "ENV HOME=/home/user", "WORKDIR /home/user", f'ENTRYPOINT ["/usr/bin/{release.name}"]']
    (out / "Containerfile").write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--archives", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--repository")
    args = parser.parse_args()
    release = Release(args.archives, args.repository)
    folders = {}
    for name in ("wheels", "npm", "homebrew", "scoop", "container"):
        folders[name] = args.out / name
        shutil.rmtree(folders[name], ignore_errors=True)
        folders[name].mkdir(parents=True)
    for target in release.archives:
        write_wheel(release, target, folders["wheels"])
    write_npm(release, folders["npm"])
    (folders["homebrew"] / f"{release.name}.rb").write_text(homebrew_formula(release))
    windows = "x86_64-pc-windows-msvc"
    if windows in release.archives:
        manifest = json_text(scoop_manifest(release, windows))
        (folders["scoop"] / f"{release.name}.json").write_text(manifest)
    write_container(release, folders["container"])
    for path in sorted(args.out.rglob("*")):
        if path.is_file() and folders["container"] not in path.parents:
            print(path)


if __name__ == "__main__":
    main()
