"""Time one workload in every package, in a process of its own.

Packages take turns in shuffled rounds, so that a slow minute of the machine hits all of them; a
ratio is taken within a round, and the median over the rounds is reported. The clock counts this
process's CPU time alone. The garbage collector stays on, as it is in use.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers import COMPILED, PEERS, installed, numbers
from benchmarks.workloads import TIMED, Workload

TOLERANCE = 1e-8  # of the largest entry, for answers beside the hand-written ones
SAMPLE = 0.02  # seconds at least that one sample takes
PATIENCE = 10.0  # seconds that one package may take over all rounds of a workload

Thunk = Callable[[], Any]


def contenders(work: Workload, names: list[str]) -> dict[str, Thunk]:
    """Return what is timed, by column, after its answer has been checked."""
    f, truth = work.program(np), work.by_hand()
    found: dict[str, Thunk] = {"by hand": work.by_hand, "f alone": lambda: f(*work.inputs)}
    for name in names:
        if name not in work.without:
            thunk = PEERS[name][1](work)
            error = disagreement(thunk(), truth)
            if not error <= TOLERANCE:
                raise AssertionError(f"{name} is off by {error:.1e} on {work.title}")
            found[name] = thunk
    return found


def disagreement(answer: Any, truth: Any) -> float:
    """Return the greatest difference in any array, relative to that array's largest entry."""
    answers, truths = numbers(answer), numbers(truth)
    if [a.shape for a in answers] != [t.shape for t in truths]:
        return float("inf")
    pairs = zip(answers, truths, strict=True)
    return max(float(np.max(np.abs(a - t)) / (np.max(np.abs(t)) or 1.0)) for a, t in pairs)


def compiling(work: Workload, names: list[str]) -> dict[str, float]:
    """Return the seconds until a package that compiles has its first answer, run it included."""
    found = {}
    for name in names:
        if name in COMPILED and name not in work.without:
            found[name] = float(np.median([first_answer(name, work) for _ in range(3)]))
    return found


def first_answer(name: str, work: Workload) -> float:
    """Return the CPU seconds from a function that nobody has seen to its first result."""
    gc.collect()
    start = time.process_time()
    PEERS[name][1](work)()
    return time.process_time() - start


def sample(thunk: Thunk, calls: int) -> float:
    """Return the CPU seconds that one call takes, averaged over a number of calls."""
    gc.collect()  # nobody pays for what another has left behind
    start = time.process_time()
    for _ in range(calls):
        thunk()
    return (time.process_time() - start) / calls


def calls_for(thunk: Thunk) -> tuple[int, float]:
    """Return how many calls fill one sample, and about how long one takes, warmed up."""
    calls = 1
    while (each := sample(thunk, calls)) * calls < SAMPLE / 2:
        calls *= 4
    return max(1, round(SAMPLE / max(each, 1e-9))), each


def rounds_of(thunks: dict[str, Thunk], rounds: int, seed: int = 0) -> list[dict[str, float]]:
    """Time all contenders in shuffled rounds; a slow one sits out once its time is used up."""
    plan = {name: calls_for(thunk) for name, thunk in thunks.items()}
    limit = {name: max(2, int(PATIENCE / (n * each))) for name, (n, each) in plan.items()}
    shuffler, times = random.Random(seed), []
    for k in range(rounds):
        order = [name for name in thunks if k < limit[name]]
        shuffler.shuffle(order)
        times.append({name: sample(thunks[name], plan[name][0]) for name in order})
    return times


def summary(times: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return for each column the median seconds and the median ratio to the hand-written one."""
    names = sorted({name for row in times for name in row})
    result = {}
    for name in names:
        rows = [row for row in times if name in row]
        result[name] = {
            "seconds": float(np.median([row[name] for row in rows])),
            "ratio": float(np.median([row[name] / row["by hand"] for row in rows])),
        }
    return result


def main(name: str, rounds: int) -> None:
    """Time one workload and print the result as JSON; the command runs this in a child."""
    work = TIMED[name]()
    times = rounds_of(contenders(work, installed()), rounds)
    row = {"title": work.title, "operations": work.operations, "columns": summary(times)}
    row["compiling"] = compiling(work, installed())
    print(json.dumps(row))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
