"""An Airflow task that returns download URLs for what a task before it has written.

It is plain Python: without Airflow, `presigned_urls` is an ordinary function. With Airflow, this
file in the folder of DAGs is a DAG that is started by hand:

    airflow dags trigger share_reports --conf '{"keys": ["2026/01/report.pdf"]}'

The worker needs the program on its PATH, or its path in COS_PRESIGN, and the credentials in its
environment. XCom stores what a task returns, so the URLs are only as secret as XCom is: keep
`expires` short.
"""

import os
import subprocess


def presigned_urls(bucket: str, keys: list[str], expires: str = "1h") -> list[str]:
    """One URL per key, in the same order. A key that cannot be signed fails the task."""
    program = os.environ.get("COS_PRESIGN", "cos-presign")
    done = subprocess.run(
        [program, "get", bucket, "--keys-from", "-", "--null", "--expires", expires],
        input="\0".join(keys),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        # The message has no URL and no secret in it.
        raise RuntimeError(f"cos-presign ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.splitlines()


try:
    from airflow.decorators import dag, task
except ImportError:
    pass
else:

    @dag(schedule=None, catchup=False, params={"keys": []})
    def share_reports():
        @task(retries=2)
        def sign(params=None):
            return presigned_urls(os.environ["REPORTS_BUCKET"], params["keys"])

        sign()

    share_reports()
