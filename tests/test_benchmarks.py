"""The benchmarks measure what they say: right answers, and tables that hold the numbers."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import peers, table, timing, workloads
from benchmarks.__main__ import child, environment

SMALL = [
    workloads.polynomial(),
    workloads.loop(30),
    workloads.rosenbrock(2),
    workloads.rosenbrock(7),
    workloads.network((6, 5, 4, 3), 8),
    workloads.mixture(3, 2, 11),
    workloads.rosenbrock(7, "directional"),
    workloads.tanh_layer(5),
    workloads.rosenbrock(2, "hessian"),
    workloads.rosenbrock(6, "hessian"),
    workloads.rosenbrock(7, "hvp"),
    workloads.scalar_memory(9),
    workloads.array_memory(4, 6),
]


@pytest.mark.parametrize("work", SMALL, ids=lambda w: f"{w.title} {w.kind}")
@pytest.mark.parametrize("run", [peers.tinyad, peers.tinyad_compiled])
def test_the_derivatives_written_by_hand_are_those_of_tinyad(work, run):
    assert timing.disagreement(run(work)(), work.by_hand()) < 1e-13


def test_compiling_is_timed_until_the_first_answer():
    times = timing.compiling(workloads.polynomial(), ["tinyad", "tinyad compiled"])
    assert list(times) == ["tinyad compiled"]
    assert 0 < times["tinyad compiled"] < 60


@pytest.mark.parametrize("work", SMALL, ids=lambda w: f"{w.title} {w.kind}")
def test_the_derivatives_written_by_hand_agree_with_differences(work):
    # independent of tinyad's modes: a central difference of value or gradient along one direction
    random = np.random.default_rng(1)
    direction = [random.normal(size=np.shape(a)) for a in work.inputs[: work.varying]]
    if work.kind == "directional":
        direction = [work.direction]
    f = work.program(np)
    if work.kind in ("hessian", "hvp"):
        direction = [work.direction if work.kind == "hvp" else direction[0]]
        f = lambda x: workloads.by_hand.rosenbrock(x)[1]  # noqa: E731  # itself checked above
    ends = []
    for h in (1e-5, -1e-5):
        moved = [a + h * d for a, d in zip(work.inputs, direction, strict=False)]
        ends.append(f(*moved, *work.inputs[work.varying :]))
    quotient = (np.asarray(ends[0]) - ends[1]) / 2e-5
    answer = work.by_hand()
    if work.kind == "gradient":
        gradients = answer[1] if isinstance(answer[1], tuple) else (answer[1],)
        slope = sum(np.vdot(g, d) for g, d in zip(gradients, direction, strict=True))
    elif work.kind == "directional":
        slope = answer[1]
    else:
        slope = answer if work.kind == "hvp" else answer @ direction[0]
    np.testing.assert_allclose(slope, quotient, rtol=1e-5, atol=1e-7)


def test_a_wrong_answer_is_not_timed(monkeypatch):
    work = workloads.rosenbrock(5)
    wrong = lambda w: lambda: (w.by_hand()[0], w.by_hand()[1] * (1 + 1e-6))  # noqa: E731
    monkeypatch.setitem(peers.PEERS, "wrong", ("numpy", wrong))
    with pytest.raises(AssertionError, match=r"wrong is off by 1\.0e-06"):
        timing.contenders(work, ["wrong"])
    monkeypatch.setitem(peers.PEERS, "nan", ("numpy", lambda w: lambda: (np.nan, w.inputs[0])))
    with pytest.raises(AssertionError, match="nan is off by nan"):
        timing.contenders(work, ["nan"])


def test_contenders_take_turns_and_ratios_are_taken_within_a_round():
    calls = []
    thunks = {name: (lambda name=name: calls.append(name)) for name in ("by hand", "tinyad")}
    times = timing.rounds_of(thunks, 2)
    assert [sorted(row) for row in times] == [["by hand", "tinyad"]] * 2
    assert set(calls) == set(thunks)
    drifting = [{"by hand": 1.0, "tinyad": 3.0}, {"by hand": 10.0, "tinyad": 30.0}]
    assert timing.summary(drifting)["tinyad"] == {"seconds": 16.5, "ratio": 3.0}


def row(title, operations=0, **columns):
    cells = {name: {"seconds": 2e-6 * r, "ratio": r} for name, r in columns.items()}
    base = {"by hand": {"seconds": 2e-6, "ratio": 1.0}, "f alone": {"seconds": 1e-6, "ratio": 0.5}}
    return {"title": title, "operations": operations, "columns": {**base, **cells}}


def test_tables_render():
    rows = [row("short", 100, tinyad=3.0, torch=20.0), row("long", 1000, tinyad=45.0)]
    rows[0]["columns"]["jax.jit"] = {"seconds": 1e-6, "ratio": 0.5}
    rows[0]["compiling"] = {"jax.jit": 0.25}
    memory = [{"title": "loop", "columns": {"by hand": 3.5, "tinyad": 46.2}}]
    text = table.report(rows, memory, 11, {"99": 0.0321, "9999": 4.0})
    assert "| workload | by hand | f alone | tinyad | torch | jax.jit |" in text
    # in bold the best without a compiler
    assert "| short | 2 µs | 0.50 | **3.00** | 20.0 | 0.50 |" in text
    assert "| long | 2 µs | 0.50 | **45.0** | – | – |" in text
    # 3 · 2 µs over 100 operations are 60 ns each, 45 · 2 µs over 1000 are 90
    assert "| tinyad | 60 | 90 | 1.50 |" in text
    assert "| loop | 3.5 | 46.2 |" in text
    assert "| short | 250 ms |" in text
    assert "| `ad.diagnose` | 32.1 ms | 4 s |" in text
    assert "11 rounds" in text
    assert "numpy" in text


def test_tables_replace_what_stood_between_the_marks():
    page = f"# Title\n\n{table.START}\nold\n{table.END}\n\nThe end.\n"
    new = table.put_into(page, "new")
    assert new == f"# Title\n\n{table.START}\n\nnew\n\n{table.END}\n\nThe end.\n"
    assert table.put_into(new, "new") == new
    with pytest.raises(ValueError, match="needs the lines"):
        table.put_into("no marks", "new")


def test_one_thread_is_said_before_numpy_is_loaded():
    assert environment(pinned=False)["OPENBLAS_NUM_THREADS"] == "1"
    assert environment(pinned=False)["OMP_NUM_THREADS"] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_memory_is_the_peak_of_the_call():
    # the sweep needs the input of each sine: 200 arrays of 0.8 MB, which are 153 MiB
    for column in ("by hand", "tinyad"):
        assert 150 < child("memory", "array-loop", column, pinned=False)["megabytes"] < 170
