"""Adds a column with a presigned URL to a Parquet or CSV manifest: one cos-presign per partition, Parquet out.

    spark-submit --files cos-presign sign_dataframe.py s3a://lists/manifest.parquet s3a://lists/links \
        -- my-bucket --region us-south

Behind `--` stands what `cos-presign get` is told: the bucket and any options. Credentials are not among them: the program
takes them from the environment of the executor. Any key will do, also one with newlines.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from itertools import islice
from queue import SimpleQueue
from subprocess import PIPE, Popen
from threading import Thread

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

Batches = Iterator[pa.RecordBatch]


def feed(batches: Batches, key_column: str, program: Popen, sent: SimpleQueue) -> None:
    """Writes the keys to the program, and into `sent` the batches they came from; at last None, or what went wrong."""
    try:
        with program.stdin:
            for batch in batches:
                keys = batch.column(key_column)
                if keys.null_count:
                    raise ValueError(f"column `{key_column}` has {keys.null_count} nulls in a batch")
                block = b"".join(key + b"\0" for key in keys.cast(pa.binary()).to_pylist())
                if block.count(b"\0") != len(keys):
                    raise ValueError(f"column `{key_column}` has a key with a NUL byte")
                sent.put(batch)
                program.stdin.write(block)
        sent.put(None)
    except Exception as error:
        sent.put(error)


def sign_batches(batches: Batches, command: list[str], key_column: str, url_column: str) -> Batches:
    with tempfile.TemporaryFile() as messages:
        program = Popen(command, stdin=PIPE, stdout=PIPE, stderr=messages)
        # A separate thread, because with full pipes in both directions each side would wait for the other. The queue needs
        # no bound: the program stops reading when its URLs are not taken.
        sent: SimpleQueue = SimpleQueue()
        Thread(target=feed, args=(batches, key_column, program, sent), daemon=True).start()
        try:
            while isinstance(item := sent.get(), pa.RecordBatch):
                urls = [line.rstrip(b"\n").decode("ascii") for line in islice(program.stdout, item.num_rows)]
                if len(urls) < item.num_rows:
                    break
                columns = [*item.columns, pa.array(urls, pa.string())]
                yield pa.RecordBatch.from_arrays(columns, names=[*item.schema.names, url_column])

            # A broken pipe is what a program that ends early leaves behind; its exit code says more.
            if isinstance(item, Exception) and not isinstance(item, BrokenPipeError):
                raise item
            if program.stdout.read(1):
                raise RuntimeError("cos-presign gave more URLs than keys")
            code = program.wait()
            messages.seek(0)
            said = messages.read(4000).decode(errors="replace")
            if code:
                raise RuntimeError(f"cos-presign ended with exit code {code}: {said}")
            if item is not None:
                raise RuntimeError("cos-presign gave fewer URLs than keys")
            print(said, end="", file=sys.stderr)
        finally:
            program.kill()
            program.wait()
            program.stdout.close()


def sign(manifest: DataFrame, command: list[str], key_column: str = "key", url_column: str = "presigned_url") -> DataFrame:
    if url_column in manifest.columns:
        raise ValueError(f"the manifest has a column `{url_column}` already")

    def partition(batches: Batches) -> Batches:
        return sign_batches(batches, command, key_column, url_column)

    # Not mapInPandas, in which a whole number with nulls is a float: the other columns have to come out as they went in.
    schema = StructType([*manifest.schema.fields, StructField(url_column, StringType())])
    return manifest.mapInArrow(partition, schema)


def read(spark: SparkSession, path: str) -> DataFrame:
    if path.endswith((".csv", ".csv.gz")):
        # Quotes doubled, as RFC 4180 and most programs write them, and newlines in quotes; Spark's default is a backslash.
        return spark.read.csv(path, header=True, quote='"', escape='"', multiLine=True)
    return spark.read.parquet(path)


def main() -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    parser = argparse.ArgumentParser(description="Adds a column with a presigned URL to a Parquet or CSV manifest.")
    parser.add_argument("manifest", help="Parquet, or a name that ends in .csv or .csv.gz")
    parser.add_argument("output", help="folder for Parquet files; must not exist")
    parser.add_argument("--program", default="./cos-presign", help="cos-presign as executors see it [default: %(default)s]")
    parser.add_argument("--at", default=now, help="signing time of all links, also of retried tasks [default: now]")
    parser.add_argument("--key-column", default="key", help="[default: %(default)s]")
    parser.add_argument("--url-column", default="presigned_url", help="[default: %(default)s]")
    parser.add_argument("--partitions", type=int, help="spread the rows over so many partitions first (a shuffle)")
    parser.add_argument("request", nargs="+", metavar="-- BUCKET [OPTION]", help="arguments of `cos-presign get`")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("sign_dataframe").getOrCreate()
    manifest = read(spark, args.manifest)
    if args.partitions:
        manifest = manifest.repartition(args.partitions)
    # Spark runs a task on every core already, so one thread a program is right.
    command = [args.program, "get", *args.request, "--keys-from", "-", "-0", "--jobs", "1", "--at", args.at]
    signed = sign(manifest, command, args.key_column, args.url_column)
    signed.write.option("compression", "zstd").parquet(args.output)
    spark.stop()


if __name__ == "__main__":
    main()
