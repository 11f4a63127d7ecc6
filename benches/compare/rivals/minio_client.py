"""MinIO's client. With an explicit region it sends no requests."""

from datetime import datetime, timedelta, timezone

from minio import Minio

from rival import case, run

client = Minio(
    endpoint=case["endpoint"], access_key=case["access_key_id"], secret_key=case["secret"], region=case["region"], secure=True
)


def sign(keys):
    bucket, expires = case["bucket"], timedelta(seconds=case["expires"])
    date = datetime.fromtimestamp(case["unix"], timezone.utc)
    for key in keys:
        yield client.presigned_get_object(bucket, key, expires=expires, request_date=date)


run(sign)
