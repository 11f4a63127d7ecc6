#!/usr/bin/env python3
"""Checks an image in an OCI archive: its configuration, and that it holds the tree and no more.

    image.py ARCHIVE ARCHITECTURE TREE SOURCE
"""

import io
import json
import sys
import tarfile
from pathlib import Path

archive, architecture, tree, source = tarfile.open(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4]


def blob(descriptor: dict) -> bytes:
    return archive.extractfile("blobs/" + descriptor["digest"].replace(":", "/")).read()


index = json.load(archive.extractfile("index.json"))
manifest = json.loads(blob(index["manifests"][0]))
image = json.loads(blob(manifest["config"]))
assert (image["os"], image["architecture"]) == ("linux", architecture), (image["os"], image["architecture"])
config = image["config"]
assert config["Entrypoint"] == ["/usr/bin/cos-presign"], config
assert config["User"] == "65532:65532", config
assert config["Labels"]["org.opencontainers.image.source"] == source, config

found = {}
for layer in manifest["layers"]:
    with tarfile.open(fileobj=io.BytesIO(blob(layer))) as files:
        for entry in files:
            if entry.isfile():
                found[entry.name] = files.extractfile(entry).read()
                runs = bool(entry.mode & 0o111)
                assert runs == (entry.name == "usr/bin/cos-presign"), (entry.name, oct(entry.mode))
wanted = {str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()}
assert found == wanted, (sorted(found), sorted(wanted))
