"""Measure how long `ad.diagnose` takes: processor time, the least of a few calls."""

from __future__ import annotations

import json
import time

import numpy as np

import tinyad as ad
from benchmarks.programs import loop

CALLS = {99: 7, 9_999: 2}  # operations of the program, and how often it is diagnosed


def main() -> None:
    """Print as JSON the seconds for each number of operations."""
    found = {}
    for operations, calls in CALLS.items():
        program = loop(np, operations // 3)
        times = []
        for _ in range(calls):
            start = time.process_time()
            diagnosis = ad.diagnose(program, 0.4)
            times.append(time.process_time() - start)
        assert len(diagnosis.rows) == operations
        found[operations] = min(times)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
