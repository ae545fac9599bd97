"""Taylor mode: all derivatives at a point at once, as the coefficients of a power series.

A program is run on the series x₀ + t, so every value in it becomes a series in t; the chain rule
z′ = φ′(x) · x′, with φ′ from the table, gives one coefficient after the other. Removable
singularities, such as sin(x)/x at 0, are no obstacle: a quotient of series cancels the zeros that
numerator and denominator share. Each such zero costs one order; the program is run again with more
orders until there are enough.

Read in this order: `coefficient.py` (numbers that know their rounding error), `series.py` (the
arithmetic of series), `jets.py` (the interpretation: what an operation means to a series),
`decisions.py` (comparisons and steps, beside the point), `expansion.py` (the result).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import check_signature, name_of, promote, scalar_output
from tinyad.errors import ArgumentError, SeriesError, unwrapped
from tinyad.interpretation import Box
from tinyad.modes.taylor import expansion
from tinyad.modes.taylor.expansion import Expansion
from tinyad.modes.taylor.jets import Jets
from tinyad.modes.taylor.series import Series, UnknownZeroError, constant
from tinyad.rules.primitives import shape_of

MARGIN = 64  # how many orders more than asked for are tried


def taylor(function: Callable[[Any], Any], x: Any, order: int, *, poles: bool = False) -> Expansion:
    """Return the Taylor coefficients c₀ … c_order of a function of one number at x.

    The k-th derivative is k! times coefficient k. The result is a list that also knows its
    `point`, the estimated `rounding` error of each coefficient, a `note` where something should
    be known, and can be called to sum the series. With `poles=True` a pole is no error: the list
    then begins at the power `start`, below 0.

    Raises SeriesError where there is no series (a pole, a branch point, a kink, a zero that may be
    due to rounding), MissingRuleError for functions of arrays, ArgumentError for a wrong order or
    an array x.

    Source: Griewank and Walther, Evaluating Derivatives, 2008, chapter 13.

    >>> taylor(lambda x: (x**2 - 4) / (x - 2), 2.0, 3)
    [4.0, 1.0, 0.0, 0.0]
    >>> taylor(lambda x: np.sin(x) / x, 0.0, 3)
    [1.0, 0.0, -0.16666666666666666, 0.0]
    >>> taylor(lambda x: 1 / np.sin(x), 0.0, 1, poles=True)
    [1.0, 0.0, 0.16666666666666666] from power -1 on
    """
    point = _point(x, order)
    check_signature(function, (x,))
    carried = wanted = int(order) + 1
    while True:
        runs = [_run(function, point, carried, side=1)]
        if runs[0][0].sided:
            runs.append(_run(function, point, carried, side=-1))
        more = max(_missing(*run, wanted) for run in runs)
        if not more or carried == wanted + MARGIN:
            return _expansion(function, runs, point, wanted, poles)
        carried = min(carried + more, wanted + MARGIN)


def _run(
    function: Callable[[Any], Any], point: Any, carried: int, side: int
) -> tuple[Jets, Series | SeriesError]:
    """Run the program on series, for one side of the point."""
    with Jets(carried, side) as jets:
        result = scalar_output(unwrapped(function, jets.variable(point)), name_of(function))
    return jets, result.known if jets.owns(result) else constant(result)


def _missing(jets: Jets, found: Series | SeriesError, wanted: int) -> int:
    """How many more orders have to be carried?"""
    if jets.unsure or isinstance(found, UnknownZeroError):
        return 8  # nobody knows
    return 0 if isinstance(found, SeriesError) else int(max(0.0, wanted - found.end))


def _expansion(
    function: Callable[[Any], Any],
    runs: Sequence[tuple[Jets, Series | SeriesError]],
    point: Any,
    wanted: int,
    poles: bool,
) -> Expansion:
    """Check what came out, and put it into its final form."""
    name, passes, found = name_of(function), [jets for jets, _ in runs], []
    for _, s in runs:
        if isinstance(s, SeriesError):
            raise s
        if s.end < wanted:
            raise expansion.too_few(function, s)
        found.append(s)
    powers = range(min(0, *(s.valuation for s in found)), wanted)
    expansion.check_sides(name, point, found[0], found[-1], powers)
    notes = list(dict.fromkeys(note for jets in passes for note in jets.notes))
    if powers.start < 0 and not poles:
        raise expansion.pole(name, found[0], point, notes)
    terms = [found[0][k] for k in powers]
    notes += expansion.rounding_notes(terms, powers.start)
    if any(jets.unsure for jets in passes):
        notes.append("A comparison met values that are equal to all orders that were tried.")
    if any(jets.beside for jets in passes) and powers.start == 0:
        notes += expansion.value_notes(function, point, terms[0].number)
    return Expansion(terms, point, powers.start, " ".join(notes))


def _point(x: Any, order: Any) -> Any:
    if isinstance(order, bool) or not isinstance(order, int | np.integer) or order < 0:
        raise ArgumentError(
            f"The order is {order!r}; it must be a whole number, 0 or more.",
            "ad.taylor(f, x, 3) gives the four coefficients c₀ to c₃.",
        )
    point = promote(x)
    if shape_of(point):
        raise ArgumentError(
            f"The point is an array of shape {shape_of(point)}; a Taylor series is about a number.",
            "Expand along a line: ad.taylor(lambda t: f(x + t * v), 0.0, order) if f is built of "
            "single numbers.",
        )
    return point if isinstance(point, Box) else float(point)
