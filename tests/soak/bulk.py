#!/usr/bin/env python3
"""Signs very many keys in one go, and looks whether the memory stays as it is.

    bulk.py --binary target/release/cos-presign [--lines 100000000]

The keys are made as they are read, and every link is counted; a drawn one in a hundred thousand is compared with the link that
the program makes of that key alone. Exit code: 0 if none is missing, none is wrong and the memory is flat, 1 if not.
"""

import argparse
import os
import random
import subprocess
import sys
import threading
import time

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
OPTIONS = ["--region", "us-south", "--expires", "7d", "--at", "2026-01-31T12:00:00Z"]
BLOCK = 10_000
# What may be added to the memory of the first tenth of the run, in KiB: a page here and there, not a byte a line.
SLACK = 4096


def resident(process):
    with open(f"/proc/{process.pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--lines", type=int, default=100_000_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    args = parser.parse_args()
    args.lines -= args.lines % BLOCK
    drawn = random.Random(args.seed)
    command = [args.binary, "get", "my-bucket", "--keys-from", "-", *OPTIONS]
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)

    def feed():
        with process.stdin as pipe:
            for first in range(0, args.lines, BLOCK):
                folder = first // BLOCK
                pipe.write("".join(f"train/{folder:06}/{n:04}.jpg\n" for n in range(BLOCK)).encode())

    threading.Thread(target=feed, daemon=True).start()
    count, memory, samples, rest, next_look = 0, [], [], b"", 0
    read = process.stdout.fileno()
    while block := os.read(read, 1 << 20):
        lines = block.count(b"\n")
        if drawn.random() < 0.002:
            # The first whole line of the block, and its number.
            start = 0 if not rest else block.find(b"\n") + 1
            end = block.find(b"\n", start)
            if start < end:
                samples.append((count + (1 if start else 0), block[start:end].decode()))
        rest = block[block.rfind(b"\n") + 1 :] if lines else rest + block
        count += lines
        if count >= next_look:
            memory.append(resident(process))
            next_look += max(args.lines // 200, 1)
    code = process.wait()
    seconds = time.monotonic() - started

    wrong = 0
    for number, link in drawn.sample(samples, min(len(samples), 200)):
        wanted = f"train/{number // BLOCK:06}/{number % BLOCK:04}.jpg"
        alone = subprocess.run([args.binary, "get", f"my-bucket/{wanted}", *OPTIONS], env=ENVIRONMENT, capture_output=True, text=True)
        if alone.stdout.strip() != link:
            wrong += 1
            print(f"wrong: link {number}\n  in bulk: {link}\n  alone:   {alone.stdout.strip()}{alone.stderr}")
    early, late = max(memory[: max(len(memory) // 10, 1)]), max(memory[-(len(memory) // 2) :] or memory)
    print(f"{count} links of {args.lines} in {seconds:.0f} s, exit code {code}; {min(len(samples), 200)} looked at, {wrong} wrong")
    print(f"memory: {early} KiB in the first tenth, {late} KiB in the second half; seed {args.seed}")
    return 0 if (code, count, wrong) == (0, args.lines, 0) and samples and late <= early + SLACK else 1


if __name__ == "__main__":
    sys.exit(main())
