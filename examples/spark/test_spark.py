"""Runs both jobs on 20,000 keys and compares with cos-presign run once on all of them. Started by run_test.sh."""

import csv
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

import sign_dataframe
import sign_pipe

HERE = Path(__file__).parent
PROGRAM = os.environ["COS_PRESIGN"]
AT = "2026-01-31T12:00:00Z"
REQUEST = ["my-bucket", "--region", "us-south", "--expires", "7d"]
COMMAND = [PROGRAM, "get", *REQUEST, "--at", AT, "--keys-from", "-", "--jobs", "1"]

ODD = [
    " ", " a", "a ", "a  b", "a+b", "+", "%", "%2F", "100%25", "a%zz", "/a", "//", "a//b", "a/", "?x=1&y=2", "#top", "~",
    "-", "--at", "'", '"', '""', "it's", 'say "yes"', "a,b", "a;b", "$HOME", "`id`", "\\", "a\\nb", "*", "[1]", "{a}", "<&>",
    "ä", "a\u0308", "日本語/キー", "🎉", "\u202etxt.exe", "\u2028", "a\rb", "a\tb", "a\x01b", "a\x7fb", "null", "NULL", "x" * 1024,
]  # fmt: skip
# What a line cannot hold, or not in every place: an end of line, and a byte order mark.
ODD_NUL = ["\n", "a\nb", "\na", "a\n", "a\n\nb", "a\r\nb", "\r", "a\r", "\ufeffa"]


def keys(odd: list[str], count: int = 20_000) -> list[str]:
    """Unusual keys at many positions, so that all partitions get some; also repeated keys."""
    plain = [f"logs/2026/01/{i % 31:02}/part {i:05}.parquet" for i in range(count)]
    return [odd[i // 7 % len(odd)] if i % 7 == 0 else plain[i] for i in range(count)]


LINES = keys(ODD)
ALL = keys(ODD + ODD_NUL)


def run(arguments: list[str], text: str) -> list[str]:
    """What the program prints for all keys at once."""
    done = subprocess.run([*COMMAND, *arguments], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split("\n")[:-1]


def expected(wanted: list[str]) -> list[str]:
    urls = run(["-0"], "".join(f"{key}\0" for key in wanted))
    assert len(urls) == len(wanted), "cos-presign itself gave another number of URLs"
    return urls


def manifest(wanted: list[str]) -> pa.Table:
    """With columns that a detour would spoil: a whole number with nulls, and a list."""
    sizes = [None if i % 3 == 0 else 2**60 + i for i in range(len(wanted))]
    tags = [["a", None], None, []] * len(wanted)
    return pa.table({"row": range(len(wanted)), "key": wanted, "size": sizes, "tags": tags[: len(wanted)]})


class SparkTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        cls.spark = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
        # A job that is meant to fail says so in a hundred lines.
        cls.spark.sparkContext.setLogLevel("OFF")
        cls.addClassCleanup(cls.spark.stop)

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, script: str) -> str:
        """A program that does `script` in place of cos-presign; "$@" is how it was called."""
        path = self.folder / "program"
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
        return str(path)


class Pipe(SparkTest):
    def write(self, lines: list[str], files: int = 2) -> str:
        folder = self.folder / "manifest"
        folder.mkdir()
        size = -(-len(lines) // files)
        for i in range(files):
            part = lines[i * size : (i + 1) * size]
            (folder / f"part-{i}").write_bytes("".join(f"{line}\n" for line in part).encode())
        (folder / f"part-{files}").touch()
        return str(folder)

    def sign(self, path: str, program: str = PROGRAM):
        lines = sign_pipe.read_lines(self.spark, path, split_bytes=100_000)
        return sign_pipe.sign(lines, [program, *COMMAND[1:], "--output", "tsv"])

    def test_same_as_the_program_in_order(self) -> None:
        signed = self.sign(self.write(LINES))
        self.assertGreater(signed.getNumPartitions(), 4)
        whole = run(["--output", "tsv"], "".join(f"{key}\n" for key in LINES))
        self.assertEqual(signed.collect(), whole)
        # And the program's table is what it should be.
        escapes = {"\\\\": "\\", "\\t": "\t", "\\r": "\r", "\\n": "\n"}
        table = [line.split("\t") for line in whole]
        self.assertEqual([re.sub(r"\\.", lambda found: escapes[found[0]], key) for key, _ in table], LINES)
        self.assertEqual([url for _, url in table], expected(LINES))

    def test_bad_key_fails_the_job(self) -> None:
        with self.assertRaisesRegex(Exception, "error code 1"):
            self.sign(self.write(["good", "", "good"])).collect()

    def test_failing_program_fails_the_job(self) -> None:
        path = self.write(LINES)
        for script in ["exit 3", "cat; exit 3", "head -n 10; exit 3", "kill -9 $$"]:
            with self.subTest(script), self.assertRaisesRegex(Exception, "error code"):
                self.sign(path, self.program(script)).collect()


class DataFrame(SparkTest):
    def signed(self, path: str) -> dict[str, list]:
        return pq.read_table(path).sort_by("row").to_pydict()

    def test_same_as_the_program(self) -> None:
        table = manifest(ALL)
        pq.write_table(table, self.folder / "manifest.parquet")
        rows = sign_dataframe.read(self.spark, str(self.folder / "manifest.parquet")).repartition(5)
        sign_dataframe.sign(rows, [*COMMAND, "-0"]).write.parquet(str(self.folder / "out"))
        result = self.signed(str(self.folder / "out"))
        self.assertEqual(result.pop("presigned_url"), expected(ALL))
        self.assertEqual(result, table.to_pydict())

    def test_one_partition_of_many_batches(self) -> None:
        """More than any pipe holds, for a program that responds immediately and one that reads everything first."""
        rows = self.spark.createDataFrame([(key,) for key in ALL], "key string").coalesce(1)
        self.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "999")
        self.addCleanup(self.spark.conf.unset, "spark.sql.execution.arrow.maxRecordsPerBatch")
        slow = self.program(f'cat > "$0.keys"; "{PROGRAM}" "$@" < "$0.keys"')
        for program in [PROGRAM, slow]:
            with self.subTest(program):
                result = sign_dataframe.sign(rows, [program, *COMMAND[1:], "-0"]).collect()
                self.assertEqual([row.presigned_url for row in result], expected(ALL))

    def test_part_of_the_result(self) -> None:
        rows = self.spark.createDataFrame([(key,) for key in ALL], "key string").coalesce(1)
        for _ in range(3):
            result = sign_dataframe.sign(rows, [*COMMAND, "-0"]).limit(3).collect()
            self.assertEqual([row.presigned_url for row in result], expected(ALL[:3]))

    def test_csv(self) -> None:
        with open(self.folder / "manifest.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([["row", "name"], *enumerate(ALL)])
        rows = sign_dataframe.read(self.spark, str(self.folder / "manifest.csv"))
        result = sign_dataframe.sign(rows, [*COMMAND, "-0"], key_column="name", url_column="link").collect()
        self.assertEqual([row.name for row in result], ALL)
        self.assertEqual([row.link for row in result], expected(ALL))

    def test_empty_and_binary(self) -> None:
        self.assertEqual(sign_dataframe.sign(self.frame([]), [*COMMAND, "-0"]).collect(), [])
        binary = self.frame(["a b"]).selectExpr("cast(key as binary) key")
        result = sign_dataframe.sign(binary, [*COMMAND, "-0"]).collect()
        self.assertEqual([row.presigned_url for row in result], expected(["a b"]))

    def frame(self, column: list):
        return self.spark.createDataFrame([(value,) for value in column], "key string")

    def test_what_cannot_be_signed_fails_the_job(self) -> None:
        for column, why in [
            (["a", None], "has 1 nulls"),
            (["a", "b\0c"], "NUL byte"),
            (["a", "", "b"], "exit code 1"),
            (["a", "x" * 1025], "exit code 1"),
        ]:
            with self.subTest(why), self.assertRaisesRegex(Exception, why):
                sign_dataframe.sign(self.frame(column).coalesce(1), [*COMMAND, "-0"]).collect()
        with self.assertRaisesRegex(ValueError, "already"):
            sign_dataframe.sign(self.frame(["a"]), COMMAND, url_column="key")

    def test_failing_program_fails_the_job(self) -> None:
        rows = self.frame(ALL).coalesce(2)
        good = f'"{PROGRAM}" "$@"'
        for script, why in [
            ("exit 0", "fewer URLs"),
            ("cat > /dev/null", "fewer URLs"),
            (f"{good} | head -n 9000", "fewer URLs"),
            (f"{good} | sed '$d'", "fewer URLs"),
            (f"{good}; echo https://more", "more URLs"),
            ("cat > /dev/null; yes", "more URLs"),
            ("echo no credentials >&2; exit 3", "exit code 3: no credentials"),
            (f"{good}; exit 5", "exit code 5"),
            ("head -c 100000 > /dev/null; exit 1", "exit code 1"),
            ("kill -9 $$", "exit code -9"),
        ]:
            with self.subTest(script), self.assertRaisesRegex(Exception, why):
                sign_dataframe.sign(rows, [self.program(script), *COMMAND[1:], "-0"]).collect()


class Submit(unittest.TestCase):
    """As on a cluster: executors are processes of their own, have the program from --files and the secret from Spark."""

    def submit(self, script: str, *arguments: str, environment: dict[str, str]) -> None:
        properties = self.folder / "credentials.conf"
        names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        properties.write_text("".join(f"spark.executorEnv.{name} {os.environ[name]}\n" for name in names))
        command = ["spark-submit", "--master", "local-cluster[2,1,1024]", "--properties-file", str(properties)]
        command += ["--files", PROGRAM, str(HERE / script), *arguments, "--at", AT, "--", *REQUEST]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn(os.environ["AWS_SECRET_ACCESS_KEY"], done.stdout)

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment["PYSPARK_PYTHON"] = sys.executable

    def test_pipe(self) -> None:
        (self.folder / "manifest").write_bytes("".join(f"{key}\n" for key in LINES).encode())
        arguments = [str(self.folder / "manifest"), str(self.folder / "out"), "--split-mb", "0.2"]
        self.submit("sign_pipe.py", *arguments, environment=self.environment)
        parts = sorted((self.folder / "out").glob("part-*"))
        self.assertGreater(len(parts), 2)
        lines = b"".join(part.read_bytes() for part in parts).decode().split("\n")
        self.assertEqual([line.rpartition("\t")[2] for line in lines[:-1]], expected(LINES))

    def test_dataframe(self) -> None:
        pq.write_table(manifest(ALL), self.folder / "manifest.parquet")
        arguments = [str(self.folder / "manifest.parquet"), str(self.folder / "out"), "--partitions", "4"]
        self.submit("sign_dataframe.py", *arguments, environment=self.environment)
        result = pq.read_table(self.folder / "out").sort_by("row")
        self.assertEqual(result["presigned_url"].to_pylist(), expected(ALL))


if __name__ == "__main__":
    unittest.main(verbosity=2)
