#!/usr/bin/env python3
"""Checks a Scoop manifest against the archives of the release.

    scoop.py MANIFEST ARCHIVES
"""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

manifest = json.loads(Path(sys.argv[1]).read_text())
archives = Path(sys.argv[2])

# What Scoop's schema requires, and the names that it knows of those that are used here.
assert {"version", "homepage", "license"} <= manifest.keys(), manifest.keys()
known = {"version", "description", "homepage", "license", "architecture", "bin", "checkver", "autoupdate"}
assert manifest.keys() <= known, manifest.keys() - known
assert manifest["architecture"].keys() <= {"64bit", "32bit", "arm64"}

for architecture, entry in manifest["architecture"].items():
    assert entry.keys() == {"url", "hash", "extract_dir"}, entry
    archive = archives / entry["url"].rsplit("/", 1)[1]
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == entry["hash"], archive
    assert f"/v{manifest['version']}/" in entry["url"], entry["url"]
    with zipfile.ZipFile(archive) as packed:
        assert f"{entry['extract_dir']}/{manifest['bin']}" in packed.namelist(), packed.namelist()
    # With the version put in, the template is what stands there.
    for name, template in manifest["autoupdate"]["architecture"][architecture].items():
        assert template.replace("$version", manifest["version"]) == entry[name], (template, entry[name])
        assert "$version" in template, template
