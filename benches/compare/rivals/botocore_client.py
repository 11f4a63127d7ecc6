"""The client that boto3 and the AWS CLI are made of. It takes the time from the clock."""

import botocore.session
from botocore.config import Config

from rival import case, run

client = botocore.session.get_session().create_client(
    "s3",
    region_name=case["region"],
    aws_access_key_id=case["access_key_id"],
    aws_secret_access_key=case["secret"],
    # Without the style the host has no region in it.
    config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
)


def sign(keys):
    bucket, expires = case["bucket"], case["expires"]
    for key in keys:
        yield client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, expires)


run(sign)
