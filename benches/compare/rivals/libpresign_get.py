"""The C++ extension of PyPI that is made for presigned URLs. It takes the time from the clock."""

import libpresign

from rival import case, run


def sign(keys):
    id, secret, region = case["access_key_id"], case["secret"], case["region"]
    bucket, expires, endpoint = case["bucket"], case["expires"], case["endpoint"]
    for key in keys:
        yield libpresign.get(id, secret, region, bucket, key, expires, endpoint)


run(sign)
