#!/usr/bin/env python3
"""A reverse proxy that writes down which parts of an upload were acknowledged to the client, and breaks one connection.

    acknowledging_proxy.py BACKEND_PORT LOG RESET_AT

Prints its port. LOG gets a line for each part: `begin N`, then `done N STATUS` when the whole answer was handed over, or
`lost N`. The part that begins as number RESET_AT is reset in its middle, once.
"""

import itertools
import socket
import struct
import sys
import threading
from urllib.parse import parse_qs, urlsplit

backend, log_name, reset_at = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log = open(log_name, "a", buffering=1)
lock = threading.Lock()
begun = itertools.count(1)
PIECE = 256 * 1024


def note(*words):
    with lock:
        print(*words, file=log)


def read_head(stream):
    lines = []
    while True:
        line = stream.readline(65536)
        if not line:
            return None
        if line in (b"\r\n", b"\n"):
            return lines
        lines.append(line.rstrip(b"\r\n"))


def header(head, name):
    for line in head[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return None


def copy(source, target, length):
    while length:
        piece = source.read1(min(length, PIECE))
        if not piece:
            raise ConnectionError("the body broke off")
        target.sendall(piece)
        length -= len(piece)


def part_of(head):
    method, target = head[0].split(b" ")[:2]
    numbers = parse_qs(urlsplit(target.decode()).query).get("partNumber")
    return numbers[0] if method == b"PUT" and numbers else None


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def serve(client):
    reader = client.makefile("rb", PIECE)
    store = answers = part = None
    try:
        while True:
            head = read_head(reader)
            if head is None:
                return
            part = part_of(head)
            length = int(header(head, b"content-length") or 0)
            if part:
                note("begin", part)
            if header(head, b"expect"):
                client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                head = [line for line in head if not line.lower().startswith(b"expect:")]
            if part and next(begun) == reset_at:
                note("reset", part)
                while length and client.recv(min(length, PIECE)):
                    length //= 2
                reset(client)
                return
            if store is None:
                store = socket.create_connection(("127.0.0.1", backend))
                answers = store.makefile("rb", PIECE)
            store.sendall(b"\r\n".join(head) + b"\r\n\r\n")
            copy(reader, store, length)
            answer = read_head(answers)
            if answer is None:
                raise ConnectionError("the store hung up")
            client.sendall(b"\r\n".join(answer) + b"\r\n\r\n")
            if not head[0].startswith(b"HEAD "):
                told = header(answer, b"content-length")
                if told is None:
                    # Chunks, or up to the end of the connection: what is behind it does not matter.
                    while piece := answers.read1(PIECE):
                        client.sendall(piece)
                        if piece.endswith(b"0\r\n\r\n"):
                            break
                else:
                    copy(answers, client, int(told))
            if part:
                note("done", part, answer[0].split(b" ")[1].decode())
                part = None
    except OSError:
        if part:
            note("lost", part)
    finally:
        for end in (reader, client, answers, store):
            if end is not None:
                end.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
