"""Where the digits of a program die: each operation beside what it would be without rounding.

The program runs once in floating point and again in many digits, as its own shadow (shadow/). What
the two differ by is measured (measure.py, evidence.py), the operation that spoiled the answer is
found (blame.py), put into words (verdicts.py) and shown beside the learner's lines (report.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinyad.accuracy.diagnose.blame import Blame
from tinyad.accuracy.diagnose.evidence import Evidence
from tinyad.accuracy.diagnose.measure import LIMIT, all_finite, error, unit
from tinyad.accuracy.diagnose.report import Diagnosis, DiagnosisRow
from tinyad.accuracy.diagnose.verdicts import Judge
from tinyad.accuracy.shadow.sample import PLACES, Sample
from tinyad.arguments import Call, check_signature, name_of
from tinyad.errors import ArgumentError
from tinyad.views.record import Ref, Run, run

__all__ = ["Diagnosis", "DiagnosisRow", "diagnose"]

# Rows that stand for a part of a NumPy function.
NUMPY = {"euclidean_norm": "norm", "logabsdet": "slogdet", "index": "getitem"}


def diagnose(f: Callable[..., Any], *args: Any) -> Diagnosis:
    """Run f at these arguments and say which operation spoils its value or its gradient, if any.

    The arguments are numbers, arrays, or nested lists, tuples and dicts of them, and are taken as
    exact. Where f returns several numbers and some are wrong, the report is about the one that is
    wrong most, and `.gradient_error` about its gradient; else about that of their sum. What is
    right to 64 ulps counts as right. Raises ArgumentError for bad arguments, OutputError where f
    returns no numbers.

    What it cannot see: errors that were in the arguments, or in constants such as 0.1, before f
    began; a method that is wrong in itself, such as a series cut off too early; a hand-written
    derivative that is wrong (`ad.check_grads` sees that); what rounding did to values on which
    only decisions or stop_gradient depend; other points than this one.

    >>> def h(x):
    ...     return (x**2 - 4) / (x - 2)
    >>> d = diagnose(h, 2 + 1e-12)
    >>> d.worst.op, d.worst.verdict, f"{d.value_error:.0e}"
    ('subtract', 'cancellation', '3e-13')
    >>> diagnose(np.sinh, 1e-10).worst is None
    True
    """
    if not callable(f):
        check_signature(f, args)
    call = Call(f, tuple(range(len(args))), args, {})
    if not call.leaves:
        raise ArgumentError("There is nothing to diagnose.", "Pass the arguments of f.")
    with np.errstate(all="ignore"):
        recorded, again = run(call), run(call)
        evidence = Evidence(recorded)
        blame = Blame(evidence)
        rows = _rows(evidence, Judge(evidence, blame))
    worst = None if blame.worst is None else rows[blame.worst - len(recorded.record.inputs)]
    return Diagnosis(
        name=name_of(f).replace("<lambda>", "the function"),
        rows=rows,
        worst=worst,
        value_error=evidence.value_error,
        gradient_error=evidence.gradient_error,
        digits=-math.log10(max(unit(v) for v in evidence.found)),
        notes=_notes(evidence, again),
    )


def _rows(evidence: Evidence, judge: Judge) -> tuple[DiagnosisRow, ...]:
    return tuple(
        _row(evidence, judge, k)
        for k in range(len(evidence.run.record.inputs), len(evidence.steps))
    )


def _row(evidence: Evidence, judge: Judge, k: int) -> DiagnosisRow:
    step, off = evidence.steps[k], evidence.errors[k]
    assert step.row is not None
    came = max((evidence.errors[o].worst for o in step.operands if type(o) is Ref), default=0.0)
    alone = evidence.alone[k]
    grown = came and alone is not None
    through = error(alone, evidence.replay.values[k]).worst if grown else 0.0
    verdict, note = judge.value(k)
    gradient_verdict, gradient_note = judge.gradient(k)
    return DiagnosisRow(
        op=NUMPY.get(step.row.name, step.row.name),
        value=step.value,
        shadow=evidence.replay.values[k],
        relative_error=math.inf if _is_nan(step.value) else off.worst,
        own_error=evidence.own[k].worst,
        amplification=through / came if grown else 0.0,
        verdict=verdict,
        note=note,
        line=step.line,
        place=off.place,
        adjoint=evidence.sweep.adjoints.get(k),
        adjoint_shadow=evidence.adjoint(k),
        gradient_error=evidence.pullback_errors.get(k, 0.0),
        gradient_verdict=gradient_verdict,
        gradient_note=gradient_note,
    )


def _is_nan(value: Any) -> bool:
    if type(value) is float:
        return value != value
    return not isinstance(value, tuple) and bool(np.any(np.isnan(np.asarray(value, dtype=float))))


def _notes(evidence: Evidence, again: Run) -> list[str]:
    """What the reader must know about this diagnosis itself."""
    found = []
    if not all(map(all_finite, evidence.run.record.inputs)):
        found.append("NaN or infinity is among the arguments; what comes of it is not judged.")
    if evidence.value_is_right and LIMIT * unit(0.0) < evidence.value_error < math.inf:
        found.append(
            "The result is among the smallest numbers there are, and those have few digits."
        )
    if not _alike(evidence.run, again):
        found.append(
            "Two runs of the function differ: it draws random numbers or changes something that "
            "it reads. This is about the first run."
        )
    if evidence.replay.unknown:
        names = ", ".join(evidence.replay.unknown)
        found.append(f"{names}: not known in many digits; their answers were taken as exact.")
    if any(isinstance(value, Sample) for value in evidence.replay.values):
        found.append(
            f"There are enormous arrays: each operation on one was computed in many digits for "
            f"{PLACES} entries; what rounding does to the others is not seen."
        )
    if not evidence.settled:
        found.append(
            f"Even {evidence.replay.digits} digits do not settle the answer, so errors are "
            "estimates: the smallest change of the arguments changes everything."
        )
    if evidence.entry is not None:
        found.append(f"This is about entry {_entry(evidence)} of the result, the one most wrong.")
    return found


def _entry(evidence: Evidence) -> str:
    assert evidence.entry is not None
    k, place = evidence.entry
    places = [k, *place] if len(evidence.found) > 1 else place
    return str(list(places))


def _alike(one: Run, other: Run) -> bool:
    """Did two runs do the same, with the same numbers?"""
    if len(one.record.steps) != len(other.record.steps):
        return False
    return all(
        a.row is b.row and _equal(a.value, b.value)
        for a, b in zip(one.record.steps, other.record.steps, strict=True)
    )


def _equal(a: Any, b: Any) -> bool:
    if type(a) is float:
        return bool(a == b or (a != a and b != b))
    parts = zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]
    return all(np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind == "f") for x, y in parts)
