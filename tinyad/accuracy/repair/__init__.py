"""Repair: programs that compute the same function and keep its digits.

Read in this order: `identities.py` (the table), `algebra.py` and `matching.py` (where an identity
applies), `moves.py` and `search.py` (one identity after another), `patches.py` (series and guards),
`measure.py` (what is true, and how many digits a program has), `candidates.py` (checks across the
domain), `workshop.py` (all of it in order), `writing.py` and `report.py` (what is handed out).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyad.accuracy.repair.candidates import Draft
from tinyad.accuracy.repair.compensated import COMPENSATED, difference_of_products
from tinyad.accuracy.repair.measure import Digits, evaluated, right_digits, worst_entry
from tinyad.accuracy.repair.moves import size
from tinyad.accuracy.repair.report import Candidate, Repairs
from tinyad.accuracy.repair.search import LONGEST, program
from tinyad.accuracy.repair.workshop import Workshop
from tinyad.accuracy.repair.writing import callable_of, function_source
from tinyad.accuracy.shadow import truth
from tinyad.arguments import check_signature, name_of, promote
from tinyad.errors import ArgumentError, OutputError, TinyadError, unwrapped
from tinyad.interpretation import Box
from tinyad.modes.symbolic import expression
from tinyad.modes.symbolic.sympy_bridge import attached
from tinyad.rewrite.terms import in_order
from tinyad.views.compiled.entry import parameters

__all__ = ["Candidate", "Digits", "Repairs", "repair"]

SOUND = 13.85  # digits with which nothing is wrong: 64 ulps, as in a diagnosis
RESTORED = 12.0  # digits that are as good as all; with them, candidates of fewer are left out
GAIN = 1.0  # digits that a candidate must win
SHOWN = 3  # candidates that are handed out


def repair(f: Callable[..., Any], *args: Any) -> Repairs:
    """Return programs that compute what f computes, but keep its digits at this point.

    The point is numbers, or arrays for a function that acts entry by entry: then it is the entry
    with the fewest digits. All is measured in double precision; for arguments of fewer digits,
    `.note` says how many the program keeps in theirs.

    Candidates come from a table of identities, from SymPy, from series and from patches. Each is
    measured against a truth of many digits at the point and around it, value and derivatives, and
    checked to be the same function at random points; the best comes first. Each has `.f`,
    `.source`, `.digits_before`, `.digits_after` and `.note`. The list is empty where nothing is
    wrong, nothing helps or the program cannot be written as a formula of numbers; `.note` says so.

    Raises ArgumentError for arguments that are no numbers, OutputError for a function that returns
    no number or, run again, another one.

    Source: the identities are in `identities.py`; the way of working is that of Panchekha and
    others, Automatically improving accuracy for floating point expressions, PLDI 2015.

    >>> best = repair(lambda x: np.exp(x) - 1, 1e-10)[0]
    >>> print(best.source)
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def repaired(x):
        return np.expm1(x)
    >>> best.digits_before.value < 8, best.digits_after.value > 15
    (True, True)
    """
    check_signature(f, args)
    given = [_numbers(a, k) for k, a in enumerate(args)]
    _runs_alike(f, given)
    names = parameters(f, len(args))
    try:
        with np.errstate(all="ignore"):
            output = unwrapped(lambda: expression(f, *names, prune=False)).output
    except TinyadError as error:
        return Repairs([], f"Not tried: {error.what}")
    if size(output) > LONGEST:
        return Repairs([], f"Not tried: the formula has {size(output)} operations.")
    if any(type(o) is float and not np.isfinite(o) for t in in_order([output]) for o in t.operands):
        return Repairs([], "Not tried: the formula names infinity or NaN.")
    points = np.stack([np.ravel(a) for a in np.broadcast_arrays(*given)])
    with np.errstate(all="ignore"):
        found = _repaired(f, output, names, worst_entry(program(output, names), points))
        if short := _in_few_digits(f, args, found):
            double = found.note.replace(
                "Nothing is wrong:", "In double precision nothing is wrong:"
            )
            return Repairs(found, f"{double} {short}".strip())
        return found


def _repaired(f: Callable[..., Any], output: Any, names: Sequence[str], point: Any) -> Repairs:
    workshop = Workshop(output, names, point)
    before = Digits(*workshop.checker.base.digits[:, 0].tolist())
    if np.isnan(workshop.found.value[0]):
        return Repairs([], f"Nothing to repair: {name_of(f)} has no value here, and no limit.")
    if min(before) >= SOUND:
        return Repairs([], f"Nothing is wrong: {_told(before)} are right.")
    functions = attached(output) | {COMPENSATED: difference_of_products}
    name = name_of(f) if name_of(f).isidentifier() else "repaired"
    found: list[Candidate] = []
    for draft in workshop.drafts():
        after = Digits(*draft.digits[:, 0].tolist())
        gains = [a - b for a, b in zip(after, before, strict=True)]
        if sum(gains) < GAIN or min(gains) < -GAIN:
            continue
        if found and min(after) < RESTORED <= min(found[0].digits_after):
            continue
        source = _source(name, names, draft, functions)
        if any(source == c.source for c in found):
            continue
        function = callable_of(source, name, dict(functions))
        assert np.array_equal(function(*point), draft.function(names)(*point), equal_nan=True)
        note = workshop.checker.note(draft)
        found.append(Candidate(function, source, before, after, note, draft.names))
    if not found:
        return Repairs([], f"Nothing that was tried helps: {_told(before)} are right.")
    return Repairs(found[:SHOWN], "")


def _in_few_digits(f: Callable[..., Any], args: Sequence[Any], found: Repairs) -> str:
    """What becomes of a program in the precision of its arguments, where that is not double."""
    short = np.result_type(*args)
    if short.kind != "f" or short.itemsize >= 8:
        return ""
    points = np.stack([np.ravel(a) for a in np.broadcast_arrays(*args)])
    exact, low = truth(f, *points), evaluated(f, points)
    slopes = right_digits(low[1].astype(float), np.stack(exact.gradient).astype(float))
    value = right_digits(low[0].astype(float), np.asarray(exact.value).astype(float))
    right = Digits(float(value.min()), float(slopes.min()))
    remedy = " Compute it in float64, or in a form below." if found else " Compute it in float64."
    few = min(right) < 0.7 * -np.log10(np.finfo(short).eps)
    above = "What follows is in double precision. " if found else ""
    return f"{above}In {short}, {_told(right)} are right.{remedy * bool(few)}"


def _told(digits: Digits) -> str:
    return f"{digits.value:.0f} digits of the value and {digits.derivative:.0f} of the derivative"


def _numbers(value: Any, k: int) -> Any:
    """A number or an array of numbers, in double precision."""
    numbers = promote(value, f"Argument {k}")
    if isinstance(numbers, Box) or not np.size(numbers) or not np.isfinite(numbers).all():
        raise ArgumentError(
            f"Argument {k} is {value!r:.60}; digits are counted at finite numbers.",
            "Pass the point where digits are lost.",
        )
    return np.float64(numbers)


def _runs_alike(f: Callable[..., Any], given: Sequence[Any]) -> None:
    """Refuse a function that returns something else when it runs again, or changes its input."""
    with np.errstate(all="ignore"):
        first, second = (f(*(np.copy(a)[()] for a in given)) for _ in range(2))
    promote(first, f"What {name_of(f)} returned")
    if not np.array_equal(first, second, equal_nan=True):
        raise OutputError(
            f"{name_of(f)} returned {second!s:.40} when it was run again, after {first!s:.40}.",
            "It may use random numbers, or change what it uses: make it a function of its "
            "arguments alone.",
        )


def _source(name: str, names: Sequence[str], draft: Draft, known: Mapping[str, Any]) -> str:
    """The source of a draft, with the derivatives attached to it."""
    functions = [function_source(name, names, draft.term, known)]
    slopes = [f"d{name}_d{n}" for n in names]
    for slope, partial in zip(slopes, draft.partials or (), strict=False):
        functions.append(function_source(slope, names, partial, known))
    if draft.partials is not None:
        functions.append(f"{name} = ad.with_derivative({', '.join([name, *slopes])})")
    imports = "import numpy as np"
    if any("ad." in text for text in functions):
        imports += "\n\nimport tinyad as ad"
    if any(f"{COMPENSATED}(" in text for text in functions):
        imports += f"\n\nfrom tinyad.accuracy.repair.compensated import {COMPENSATED}"
    return "\n\n\n".join([imports, *functions])
