#!/usr/bin/env python3
"""Uploads a file in parts, without credentials. Run it again to resume.

    python3 PROGRAM [FILE]     uploads the file
    python3 PROGRAM --abort    throws away what was uploaded
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

FILE = @FILE@


class Part:
    """The bytes of one part, read as they are sent."""

    def __init__(self, path, offset, size):
        self.file = open(path, "rb")
        self.file.seek(offset)
        self.left = size

    def read(self, count=-1):
        data = self.file.read(self.left if count < 0 else min(count, self.left))
        self.left -= len(data)
        if not data:
            self.file.close()
        return data


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def shown(text):
    """The message of the server on one line, without control characters."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


OPENER = urllib.request.build_opener(NoRedirects)


def send(what, step, make_body=lambda: None, headers=()):
    """Sends with retries while the failure is transient."""
    for attempt in range(8):
        if attempt:
            time.sleep(2 * attempt)
        request = urllib.request.Request(
            step["url"], data=make_body(), method=step["method"], headers={**step.get("headers", {}), **dict(headers)}
        )
        try:
            with OPENER.open(request, timeout=60) as response:
                answer = response.read()
                if b"<Error" not in answer[:4096]:
                    return response, answer
                reason = shown(answer[:65536].decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            reason = shown(f"{error.code} {error.reason} {error.read(65536).decode('utf-8', 'replace').strip()}")
            if error.code not in (408, 429) and error.code < 500:
                sys.exit(f"error: the store refused {what}: {reason}\nthe URLs expire at {PLAN['expires_at']}")
        except OSError as error:
            reason = shown(str(error))
        print(f"failed ({reason.strip()}); retrying", file=sys.stderr)
    sys.exit(f"error: {what} failed: {reason}\nrun the program again to resume")


def parts_there():
    """Uploaded parts: number to size and ETag."""
    there = {}
    for step in PLAN["list_parts"]:
        _, answer = send("to list the parts", step)
        for part in ElementTree.fromstring(answer).iter():
            if part.tag.rpartition("}")[2] == "Part":
                of = {child.tag.rpartition("}")[2]: child.text for child in part}
                there[int(of["PartNumber"])] = (int(of["Size"]), of["ETag"])
    return there


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else FILE
    if path == "--abort":
        send("to abort the upload", PLAN["abort"])
        print("the upload is aborted", file=sys.stderr)
        return
    if not os.path.isfile(path):
        sys.exit(f"error: the file {path} does not exist")
    if os.path.getsize(path) != PLAN["size"]:
        sys.exit(f"error: {path} has {os.path.getsize(path)} bytes, but the URLs are for {PLAN['size']}")
    there = parts_there()
    done = []
    for part in PLAN["parts"]:
        number, size = part["part_number"], part["size"]
        there_size, etag = there.get(number, (None, None))
        if there_size != size:
            print(f"part {number} of {len(PLAN['parts'])}", file=sys.stderr)
            step = {"method": "PUT", "url": part["url"], "headers": PLAN["headers"]}
            # Without a length the body would be chunked, and without a type sent as a form.
            headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
            response, _ = send(f"part {number}", step, lambda: Part(path, part["offset"], size), headers)
            etag = response.headers["ETag"]
        done.append(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    body = f"<CompleteMultipartUpload>{''.join(done)}</CompleteMultipartUpload>".encode()
    send("to complete the upload", PLAN["complete"], lambda: body, {"Content-Type": "application/xml"})
    print(f"uploaded: {len(done)} parts, {PLAN['size']} bytes", file=sys.stderr)


PLAN = json.loads(
    r'''@PLAN@'''
)

if __name__ == "__main__":
    main()
