"""What a careful person writes after profiling: both halves of the HMAC keyed once, the fastest of six variants tried.

    by_hand.py CASE             answers the driver
    by_hand.py CASE KEYS        a URL for each line of a file
"""

import hashlib
import hmac
import re
import sys
from urllib.parse import quote

from rival import case, run

DAY = case["timestamp"][:8]
SCOPE = f"{DAY}/{case['region']}/s3/aws4_request"


def signing_key():
    key = b"AWS4" + case["secret"].encode()
    for step in SCOPE.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key.ljust(64, b"\0")


def sign(keys):
    sha256 = hashlib.sha256
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={quote(case['access_key_id'] + '/' + SCOPE, safe='')}"
        f"&X-Amz-Date={case['timestamp']}&X-Amz-Expires={case['expires']}&X-Amz-SignedHeaders=host"
    )
    key = signing_key()
    inner = sha256(bytes(byte ^ 0x36 for byte in key))
    inner.update(f"AWS4-HMAC-SHA256\n{case['timestamp']}\n{SCOPE}\n".encode())
    outer = sha256(bytes(byte ^ 0x5C for byte in key))
    start = f"https://{case['host']}/"
    request_end = f"\n{query}\nhost:{case['host']}\n\nhost\nUNSIGNED-PAYLOAD"
    url_end = f"?{query}&X-Amz-Signature="
    # Half of the time would go into `quote`.
    is_plain = re.compile(r"[A-Za-z0-9_.~/-]*").fullmatch
    for key in keys:
        path = key if is_plain(key) else quote(key, safe="/~")
        mac = inner.copy()
        mac.update(sha256(f"GET\n/{path}{request_end}".encode()).hexdigest().encode())
        signature = outer.copy()
        signature.update(mac.digest())
        yield f"{start}{path}{url_end}{signature.hexdigest()}"


if len(sys.argv) > 2:
    with open(sys.argv[2], encoding="utf-8", newline="\n") as keys:
        sys.stdout.writelines(url + "\n" for url in sign(line.rstrip("\n") for line in keys))
else:
    run(sign)
