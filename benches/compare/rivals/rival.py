"""Code of all scripts: reading the case from a file, and writing the results for the driver."""

import itertools
import json
import sys
import time

with open(sys.argv[1]) as file:
    case = json.load(file)


def run(sign):
    """`sign` takes keys and yields their URLs."""
    print(next(iter(sign(case["keys"][:1]))), flush=True)
    for line in sys.stdin:
        keys = list(itertools.islice(itertools.cycle(case["keys"]), int(line)))
        start = time.perf_counter()
        for _ in sign(keys):
            pass
        print(time.perf_counter() - start, flush=True)
