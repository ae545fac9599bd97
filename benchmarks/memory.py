"""Measure the peak memory of one gradient in one package, in a process of its own."""

from __future__ import annotations

import gc
import json
import re
import sys
from pathlib import Path

from benchmarks.peers import PEERS
from benchmarks.timing import TOLERANCE, disagreement
from benchmarks.workloads import MEMORY

STATUS = Path("/proc/self/status")


def resident(field: str) -> float:
    """Return a memory size of this process in MB: VmRSS, now, or VmHWM, the greatest so far."""
    found = re.search(rf"{field}:\s+(\d+) kB", STATUS.read_text())
    assert found is not None
    return int(found[1]) / 1024


def main(workload: str, name: str) -> None:
    """Print as JSON by how many MB one call raises the resident set above what it was before."""
    small, work = MEMORY[workload](1), MEMORY[workload](0)
    if name != "by hand":
        PEERS[name][1](small)()  # what a package loads or builds once does not count
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the greatest so far starts anew
    before = resident("VmRSS")
    run = work.by_hand if name == "by hand" else PEERS[name][1](work)  # compiling counts
    answer = run()
    peak = resident("VmHWM") - before
    error = disagreement(answer, work.by_hand())
    assert error <= TOLERANCE, f"{name} is off by {error:.1e} on {work.title}"
    print(json.dumps({"title": work.title, "megabytes": peak}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
