"""Presigns a text manifest, one key a line, with Spark's `pipe()`: one cos-presign per partition, `key<TAB>url` out.

    spark-submit --files cos-presign sign_pipe.py s3a://lists/manifest s3a://lists/links -- my-bucket --region us-south

Behind `--` stands what `cos-presign get` is told: the bucket and any options. Credentials are not among them: the program
takes them from the environment of the executor. Keys with newlines need sign_dataframe.py.
"""

import argparse
import os
import shlex
from datetime import datetime, timezone

from pyspark import RDD
from pyspark.sql import SparkSession


def executor_environment() -> dict[str, str]:
    return dict(os.environ)


class ExecutorEnvironment(dict):
    """Becomes the environment of the executor when it arrives there.

    `pipe()` starts the program with the variables it is given and no others, so without this there would be no credentials;
    those of the driver would travel with every task.
    """

    def __reduce__(self) -> tuple:
        return executor_environment, ()


def read_lines(spark: SparkSession, path: str, split_bytes: int) -> RDD:
    """The lines in the order of the files. `textFile()` would also end a line at a carriage return, which a key may have."""
    conf = {
        "textinputformat.record.delimiter": "\n",
        "mapreduce.input.fileinputformat.split.maxsize": str(split_bytes),
    }
    return spark.sparkContext.newAPIHadoopFile(
        path,
        "org.apache.hadoop.mapreduce.lib.input.TextInputFormat",
        "org.apache.hadoop.io.LongWritable",
        "org.apache.hadoop.io.Text",
        conf=conf,
    ).values()


def sign(keys: RDD, command: list[str]) -> RDD:
    # Without checkCode a program that fails leaves a short partition and a job that succeeds.
    return keys.pipe(shlex.join(command), env=ExecutorEnvironment(), checkCode=True)


def main() -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    parser = argparse.ArgumentParser(description="Presigns a text manifest, one key a line.")
    parser.add_argument("manifest", help="file, folder or glob of text files, one key a line")
    parser.add_argument("output", help="folder for lines of key<TAB>url; must not exist")
    parser.add_argument("--program", default="./cos-presign", help="cos-presign as executors see it [default: %(default)s]")
    parser.add_argument("--at", default=now, help="signing time of all links, also of retried tasks [default: now]")
    parser.add_argument("--split-mb", type=float, default=64, help="size of a partition's input [default: %(default)s]")
    parser.add_argument("request", nargs="+", metavar="-- BUCKET [OPTION]", help="arguments of `cos-presign get`")
    args = parser.parse_args()

    # Spark runs a task on every core already, so one thread a program is right.
    bulk = ["--keys-from", "-", "--output", "tsv", "--jobs", "1", "--at", args.at]
    spark = SparkSession.builder.appName("sign_pipe").getOrCreate()
    keys = read_lines(spark, args.manifest, int(args.split_mb * 2**20))
    sign(keys, [args.program, "get", *args.request, *bulk]).saveAsTextFile(args.output)
    spark.stop()


if __name__ == "__main__":
    main()
