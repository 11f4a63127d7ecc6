"""Runs the lines of README.md that are marked as tested, and compares with cos-presign run once on all keys."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from test_spark import ALL, HERE, LINES, PROGRAM

REQUEST = ["my-bucket", "--region", "us-south", "--at", "2026-01-31"]
BLOCKS = dict(re.findall(r"<!-- test: (\S+) -->\n```sh\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL))


def expected(keys: list[str]) -> str:
    text = "".join(f"{key}\0" for key in keys).encode()
    command = [PROGRAM, "get", *REQUEST, "--keys-from", "-", "-0"]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout.decode()


class Readme(unittest.TestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "cos-presign").symlink_to(PROGRAM)
        (self.folder / "keys.txt").write_bytes("".join(f"{key}\n" for key in LINES).encode())
        (self.folder / "keys.nul").write_bytes("".join(f"{key}\0" for key in ALL).encode())
        pq.write_table(pa.table({"row": range(len(ALL)), "key": ALL}), self.folder / "manifest.parquet")
        pq.write_table(pa.table({"key": LINES}), self.folder / "lines.parquet")

    def run_block(self, name: str) -> None:
        # Blocks of 64 MB would be all of it.
        script = BLOCKS[name].replace("64M", "100k")
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder)}
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def links(self, name: str) -> str:
        return (self.folder / name).read_text()

    @unittest.skipUnless(shutil.which("parallel"), "GNU parallel is missing")
    def test_parallel(self) -> None:
        self.run_block("parallel")
        self.assertEqual(self.links("links.txt"), expected(LINES))
        self.assertEqual(self.links("links.nul.txt"), expected(ALL))

    def test_split(self) -> None:
        self.run_block("split")
        self.assertEqual(self.links("links.txt"), expected(LINES))

    def test_duckdb(self) -> None:
        self.run_block("duckdb")
        table = pq.read_table(self.folder / "links.parquet").sort_by("row")
        self.assertEqual(table["key"].to_pylist(), ALL)
        self.assertEqual(table["presigned_url"].to_pylist(), expected(ALL).splitlines())

    def test_duckdb_lines(self) -> None:
        self.run_block("duckdb-lines")
        self.assertEqual(self.links("links.txt"), expected(LINES))


if __name__ == "__main__":
    unittest.main(verbosity=2)
