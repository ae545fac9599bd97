"""The command: run every workload in a process of its own, and write the tables.

python -m benchmarks            all workloads; writes the tables into benchmarks/README.md
python -m benchmarks --quick    a few rounds; prints them only
python -m benchmarks hvp        these workloads only; prints them only
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")
FULL, QUICK = 11, 3


def environment(pinned: bool) -> dict[str, str]:
    """One thread, said before NumPy is loaded; for timing, an allocator that keeps its pages."""
    variables = {**os.environ, "PYTHONHASHSEED": "0", "JAX_PLATFORMS": "cpu"}
    variables |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
    variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    variables["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    if pinned:  # else a page fault here and there decides who is fast
        variables["MALLOC_MMAP_THRESHOLD_"] = variables["MALLOC_TRIM_THRESHOLD_"] = str(2**33)
        variables["MALLOC_TOP_PAD_"] = str(2**26)
    return variables


def child(module: str, *args: str, pinned: bool) -> dict[str, Any]:
    """Run a module in a process bound to one core; return what it printed."""
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *args],
        env=environment(pinned),
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )
    if done.returncode:
        raise SystemExit(f"benchmarks.{module} {' '.join(args)} failed")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def timed(names: list[str], rounds: int) -> list[dict[str, Any]]:
    """Time these workloads, telling how far it is."""
    rows = []
    for k, name in enumerate(names, 1):
        tell(f"[{k}/{len(names)}] {name} ...")
        start = time.monotonic()
        row = child("timing", name, str(rounds), pinned=True)
        ratio = row["columns"].get("tinyad", {}).get("ratio", float("nan"))
        tell(f" tinyad at {ratio:.3g} times by hand, after {time.monotonic() - start:.0f} s\n")
        rows.append(row)
    return rows


def measured(columns: list[str]) -> list[dict[str, Any]]:
    """Measure peak memory, one process for each package."""
    from benchmarks.workloads import MEMORY

    rows = []
    for name, make in MEMORY.items():
        work, cells = make(1), {}
        for column in ["by hand", *(c for c in columns if c not in work.without)]:
            tell(f"memory of {name}, {column} ...")
            row = child("memory", name, column, pinned=False)
            cells[column] = row["megabytes"]
            tell(f" {cells[column]:.3g} MB\n")
        rows.append({"title": row["title"], "columns": cells})
    return rows


def tell(text: str) -> None:
    """Show progress beside the tables, which go to standard output."""
    print(text, end="", file=sys.stderr, flush=True)


def main() -> None:
    """Parse the command line and run."""
    from benchmarks.peers import installed
    from benchmarks.table import put_into, report
    from benchmarks.workloads import TIMED

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="workload", help=", ".join(TIMED))
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} rounds, not {FULL}")
    options = parser.parse_args()
    if unknown := set(options.names) - set(TIMED):
        parser.error(f"no workload is called {', '.join(sorted(unknown))}")
    rounds = QUICK if options.quick else FULL
    times = timed(options.names or list(TIMED), rounds)
    memory = [] if options.names or not hasattr(os, "sched_getaffinity") else measured(installed())
    diagnosing = {} if options.names else child("diagnosing", pinned=True)
    tables = report(times, memory, rounds, diagnosing)
    print(tables)
    if not options.quick and not options.names:
        page = HERE / "README.md"
        page.write_text(put_into(page.read_text(), tables))


if __name__ == "__main__":
    main()
