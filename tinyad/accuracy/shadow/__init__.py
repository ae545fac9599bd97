"""Shadows: a recorded program run again on numbers with as many digits as it takes.

A `Shadow` is a box like a dual number or an entry of the tape: the same NumPy program runs on it,
and so do the derivative rules of the table and the pullbacks of reverse mode. Here an operation
means: compute it with mpmath, without rounding, overflow or underflow to speak of.

A shadow follows the branches that the floating-point run took, and notes where it would have gone
the other way. It takes the inputs as exact, and the constants in the program as well: 0.1 is the
float that is called 0.1. What it runs is the program as written: a step size or a number of terms
that is wrong in itself, it repeats.

The precision is raised until the answer stands still: Ziv, Fast evaluation of elementary
mathematical functions with correctly rounded last bit, ACM TOMS, 1991.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyad.accuracy.shadow.sample import Sample
from tinyad.accuracy.shadow.shadowing import MOST_ENTRIES, Shadow, Shadowing, bare
from tinyad.arguments import Call
from tinyad.errors import ArgumentError
from tinyad.rules.attached import Attached
from tinyad.rules.joint import Joint
from tinyad.rules.primitives import shape_of
from tinyad.rules.rows import Constant, Differentiable
from tinyad.views.record import Record, Ref, Run, Step, run, values
from tinyad.views.trace.replay import Sweep, tangents

DIGITS, MOST = 50, 1000  # what every run gets, and where raising the precision ends
OPERATIONS = 10_000_000  # steps times digits: a longer program gets fewer digits at most
BUDGET = 200_000  # entries of arrays that one replay computes in many digits
AGREED = 1e-20  # relative: an answer that changes less than this stands still


@dataclass(frozen=True)
class Replay:
    """A recorded run in many digits.

    `values` holds a shadow (opened) for each recorded step, `sweep` the reverse pass for the sum
    of all outputs, `otherwise` the positions of decisions that the shadow would take otherwise,
    `unknown` the functions without a shadow. Once the answers stand still, `coarser` is the replay
    before: an answer that has shrunk since then as the precision rose is zero.
    """

    digits: int
    values: list[Any]
    sweep: Sweep
    otherwise: list[int]
    unknown: list[str]
    coarser: Replay | None = None


def replay(record: Record, digits: int) -> list[Any]:
    """Return the shadow of every recorded value: mpf, arrays of mpf, or masks and positions.

    >>> from tinyad.arguments import Call
    >>> recorded = run(Call(lambda x: (x * x - 4) / (x - 2), 0, (2 + 2.0**-30,), {}))
    >>> float(replay(recorded.record, 50)[-1] - 4) == 2.0**-30
    True
    """
    return replayed(Run(record, [], tuple), digits).values


def replayed(run: Run, digits: int, seeds: Sequence[Any] | None = None) -> Replay:
    """Replay a run in many digits, forward and, from these adjoints of the outputs, backward."""
    if seeds is None:
        seeds = [np.ones(shape_of(_at(o, run.record.steps)))[()] for o in run.outputs]
    with Shadowing(digits, _most(run.record)) as shadowing, np.errstate(all="ignore"):
        twin, otherwise = _twin(run.record, shadowing)
        shadowing.sweeping = True
        sweep = Sweep(twin, run.outputs, [shadowing.shadow(seed) for seed in seeds])
    found = [bare(step.value) for step in twin.steps]
    return Replay(digits, found, sweep, otherwise, list(shadowing.unknown))


def along(run: Run, digits: int, seeds: Sequence[Any]) -> list[Any]:
    """The tangents of all recorded values in many digits, from these tangents of the inputs."""
    with Shadowing(digits, _most(run.record)) as shadowing, np.errstate(all="ignore"):
        twin, _ = _twin(run.record, shadowing)
        return [bare(t) for t in tangents(twin, [shadowing.shadow(seed) for seed in seeds])]


def alone(run: Run, digits: int) -> list[Any]:
    """Each operation by itself: in many digits, but of the operands it had in floating point."""
    with Shadowing(digits, _most(run.record)) as shadowing, np.errstate(all="ignore"):
        found: list[Any] = [None] * len(run.record.inputs)
        for step in run.record.steps[len(found) :]:
            if isinstance(step.row, Differentiable):
                operands = _boxed(step, values(run.record, step.operands), shadowing)
                found.append(bare(shadowing.process(step.row, operands, step.options)))
            else:
                found.append(None)
    return found


def _twin(record: Record, shadowing: Shadowing) -> tuple[Record, list[int]]:
    """The record with shadows in place of values, and the decisions that they contradict."""
    twin = Record([shadowing.shadow(v) for v in record.inputs])
    otherwise = []
    for position, step in enumerate(record.steps[len(twin.steps) :], len(twin.steps)):
        operands = tuple(_boxed(step, step.operands, shadowing))
        read = values(twin, operands)
        if isinstance(step.row, Constant):
            value = shadowing.constant(step.row, read, step.options)
            if not isinstance(value, Shadow):  # the decision of the floating-point run stands
                if not _same(value, step.value):
                    otherwise.append(position)
                value = shadowing.shadow(step.value)
        else:
            assert isinstance(step.row, Differentiable)
            value = shadowing.process(step.row, read, step.options)
        row = step.row
        if isinstance(row, Attached):  # its partials, too, may be able to take plain numbers only
            partials = [p and shadowing.guarded(p, row.name) for p in row.partials]
            row = replace(row, partials=tuple(partials))
        twin.steps.append(replace(step, row=row, value=value, operands=operands))
    return twin, otherwise


def _boxed(step: Step, operands: Sequence[Any], shadowing: Shadowing) -> list[Any]:
    """The operands with shadows of all constants, but for those that only choose."""
    fixed = step.row.fixed if isinstance(step.row, Joint) else 0
    return [
        o if type(o) is Ref or k < fixed else shadowing.shadow(o) for k, o in enumerate(operands)
    ]


def _most(record: Record) -> int:
    """How large an array may be that is not sampled: few entries where there are many arrays."""
    sizes = [np.size(step.value) for step in record.steps if shape_of(step.value)]
    return MOST_ENTRIES if sum(sizes) < BUDGET else max(100, BUDGET // len(sizes))


def _at(output: Any, steps: Sequence[Any]) -> Any:
    return steps[output].value if type(output) is Ref else output


def _same(a: Any, b: Any) -> bool:
    parts = zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]
    return all(np.array_equal(x, y, equal_nan=True) for x, y in parts)


@dataclass(frozen=True)
class Truth:
    """What a program comes to without rounding: `value` and `gradient` are mpf, or arrays of them.

    `gradient` has one entry per argument, of the sum of all outputs. `digits` is the precision at
    which they stood still; if they never did, `settled` is False. `same_branches` says whether
    the decisions on the way are those of the floating-point run.
    """

    value: Any
    gradient: tuple[Any, ...]
    digits: int
    settled: bool
    same_branches: bool


def truth(f: Callable[..., Any], *args: Any) -> Truth:
    """Run f in many digits, more and more until its value and its gradient stand still.

    The arguments are taken as exact: numbers, arrays, or nested lists, tuples and dicts of them.
    Source: see the module.

    >>> t = truth(lambda x: (x * x - 4) / (x - 2), 2 + 2.0**-30)
    >>> float(t.value - 4) == 2.0**-30, float(t.gradient[0]), t.settled
    (True, 1.0, True)
    """
    call = Call(f, tuple(range(len(args))), args, {})
    with np.errstate(all="ignore"):
        recorded = run(call)
    last, settled = settle(recorded)
    value = recorded.rebuild(outputs(recorded, last))
    gradient = call.collect(adjoints(recorded, last))
    return Truth(value, gradient, last.digits, settled, not last.otherwise)


def settle(run: Run) -> tuple[Replay, bool]:
    """Replay a run in more and more digits; return the last replay, and whether it stood still.

    The first precision covers the distance between the numbers of the program, so that a small
    one is not absorbed by a large one. An answer that shrinks with the precision is zero: that
    must be seen twice, as a small number may begin like that.
    """
    if any(np.asarray(v).dtype.itemsize > 8 for v in run.record.inputs):
        raise ArgumentError(
            "An argument has more digits than float64; shadows are of float64 and shorter types.",
            "Pass np.float64(x).",
        )
    digits, vanished = DIGITS + _spread([step.value for step in run.record.steps]), False
    last = replayed(run, digits)
    most = min(MOST, max(200, OPERATIONS // len(run.record.steps)))
    while digits < most:
        digits = min(most, max(2 * digits, DIGITS + _spread(last.values)))
        before, last = last, replayed(run, digits)
        change = _change(before, last, run)
        if change == 0.0 or (vanished and change < AGREED):
            return replace(last, coarser=before), True
        vanished = change < AGREED
    return last, False


def outputs(run: Run, replay: Replay) -> list[Any]:
    """The shadows of what the function returned."""
    found = [replay.values[o] if type(o) is Ref else _mpf(o) for o in run.outputs]
    return _without_noise(found, outputs, run, replay)


def adjoints(run: Run, replay: Replay) -> list[Any]:
    """The shadows of the gradient, one for each number or array among the arguments."""
    found = []
    for k, value in enumerate(run.record.inputs):
        adjoint = bare(replay.sweep.adjoints.get(k))
        found.append(_mpf(np.zeros(shape_of(value))[()]) if adjoint is None else adjoint)
    return _without_noise(found, adjoints, run, replay)


Answers = Callable[[Run, Replay], list[Any]]


def _without_noise(found: list[Any], of: Answers, run: Run, replay: Replay) -> list[Any]:
    """These answers, with 0 for each that only shrinks as the precision rises."""
    from mpmath import mpf

    if replay.coarser is None:
        return found
    least = _least(replay.coarser, replay)
    zero = mpf(0)
    still = np.frompyfunc(lambda a, b: zero if _moves(a, b) and abs(b) <= least(a) else b, 2, 1)
    pairs = zip(of(run, replay.coarser), found, strict=True)
    return [b if isinstance(b, Sample) else still(a, b) for a, b in pairs]


def _least(before: Replay, after: Replay) -> Callable[[Any], Any]:
    """How small an answer must have become, from what it was, to be noise around zero."""
    from mpmath import mpf

    noise = mpf(10) ** (-0.8 * after.digits)
    shrunk = mpf(10) ** (-0.8 * (after.digits - before.digits))
    return lambda a: max(noise, shrunk * abs(a))


def _mpf(value: Any) -> Any:
    from mpmath import mpf

    return np.frompyfunc(lambda v: mpf(float(v)), 1, 1)(value)


def _spread(values: Sequence[Any]) -> int:
    """How many decimals lie between 1 and the number farthest from it, at most MOST."""
    from mpmath import mp

    bits = 0.0
    for value in values:
        entries = np.zeros(0) if isinstance(value, tuple) else np.ravel(value)
        if entries.dtype.kind == "O":
            sizes = np.array([float(mp.mag(x)) for x in entries if x])
        else:
            sizes = np.log2(np.abs(entries[entries != 0])) if entries.dtype.kind == "f" else entries
        bits = max(bits, np.max(np.abs(sizes), initial=0.0, where=np.isfinite(sizes)))
    return min(MOST, int(bits * math.log10(2.0)))


def _change(before: Replay, after: Replay, run: Run) -> float:
    """How far the answers still move: 0 if not, a little if some only shrink towards zero."""
    ends = ([*outputs(run, r), *adjoints(run, r)] for r in (before, after))
    least = _least(before, after)
    worst = 0.0
    for one, other in zip(*ends, strict=True):
        if isinstance(other, Sample):
            continue  # it holds no more digits than it did
        for a, b in zip(np.ravel(one), np.ravel(other), strict=True):
            if _moves(a, b):
                worst = max(worst, AGREED / 2 if abs(b) <= least(a) else 1.0)
    return worst


def _moves(a: Any, b: Any) -> bool:
    """Is an answer still another one in more digits?"""
    return not (a == b or (a != a and b != b) or abs(a - b) <= AGREED * abs(b))
