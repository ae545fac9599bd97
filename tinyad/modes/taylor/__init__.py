"""Taylor mode: all derivatives at a point at once, as the coefficients of a power series.

A program is run on the series x₀ + t. Removable singularities, such as sin(x)/x at 0, are no
obstacle: a quotient of series cancels the zeros that numerator and denominator share. Each such
zero costs one order; the program is run again with more orders until there are enough.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import check_signature, name_of, plain, promote, scalar_output
from tinyad.errors import ArgumentError, SeriesError, unwrapped
from tinyad.modes.taylor.jets import Jets
from tinyad.modes.taylor.series import Laurent, UnknownZeroError, bare, series
from tinyad.rules.primitives import shape_of

MARGIN = 64  # how many orders more than asked for are tried
HALF = 2.0**-26  # half of the digits of a float


class Expansion(list[Any]):
    """The coefficients of a power series, a list, with what else is known of it.

    The first one belongs to the power `start` of (x - point): 0, or below 0 at a pole. `rounding`
    holds the estimated rounding error of each coefficient; `note` says what should be known about
    them, and is empty if nothing is. Called with x, it gives the sum of the series at x.
    """

    def __init__(
        self,
        coefficients: Sequence[Any],
        point: Any,
        start: int = 0,
        rounding: Sequence[float] = (),
        note: str = "",
    ) -> None:
        super().__init__(coefficients)
        self.point, self.start = point, start
        self.rounding, self.note = tuple(rounding), note

    def __call__(self, x: Any) -> Any:
        """Return the sum of the terms at x, by Horner's rule."""
        t = x - self.point
        total: Any = 0.0
        for c in reversed(self):
            total = total * t + c
        return total * t**self.start if self.start else total

    @property
    def derivatives(self) -> list[Any]:
        """The derivatives at the point, from the zeroth on: k! times coefficient k."""
        return [math.factorial(k) * c for k, c in enumerate(self[-self.start :])]

    def __repr__(self) -> str:
        lead = f"{super().__repr__()}"
        lead += f" from power {self.start} on" if self.start else ""
        return f"{lead}\nNote: {self.note}" if self.note else lead


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
    order, point = _order(order), _point(x)
    check_signature(function, (x,))
    carried = order + 1
    while True:
        runs = [_Run(function, point, carried, side=1)]
        if runs[0].sides.sided:
            runs.append(_Run(function, point, carried, side=-1))
        more = max(run.missing(order) for run in runs)
        if not more or carried == order + 1 + MARGIN:
            break
        carried = min(carried + more, order + 1 + MARGIN)
    return _expansion(function, runs, point, order, poles)


class _Run:
    """One run of the program on series, for one side of the point."""

    def __init__(self, function: Callable[[Any], Any], point: Any, carried: int, side: int) -> None:
        name = name_of(function)
        with Jets(carried, side) as jets:
            result = scalar_output(unwrapped(function, jets.variable(point)), name)
        own = jets.owns(result)
        self.trouble: SeriesError | None = result.trouble if own else None
        self.series: Laurent = result.series if own else series([result], exact=True)
        self.sides = jets.sides

    def missing(self, order: int) -> int:
        """How many more orders are wanted."""
        if self.trouble or self.sides.unsure:
            return 8 if self.sides.unsure or isinstance(self.trouble, UnknownZeroError) else 0
        return int(max(0.0, order + 1 - self.series.end))


def _expansion(
    function: Callable[[Any], Any], runs: Sequence[_Run], point: Any, order: int, poles: bool
) -> Expansion:
    """Check what came out, and put it into its final form."""
    name, s, run = name_of(function), runs[0].series, runs[0]
    for run in runs:
        if run.trouble:
            raise run.trouble
        if run.series.end <= order:
            raise SeriesError(
                f"Of {name} only the coefficients below power {run.series.end} could be found: "
                f"more than {MARGIN} leading zeros cancel.",
                "Simplify the quotients by hand.",
            )
    start = min([0, *(run.series.low for run in runs)])
    powers = range(start, order + 1)
    if len(runs) == 2:
        _check_sides(name, point, [run.series for run in runs], powers)
    if start < 0 and not poles:
        raise _pole(name, s, point, list(runs[0].sides.notes))
    coefficients = [_finished(s[k]) for k in powers]
    errors = [s.error(k) for k in powers]
    notes = list(dict.fromkeys(note for run in runs for note in run.sides.notes))
    notes += _rounding_notes(coefficients, errors, start)
    if any(run.sides.unsure for run in runs):
        notes.append("A comparison met values that are equal to all orders that were tried.")
    if any(run.sides.beside for run in runs) and start == 0:
        notes += _value_notes(function, point, coefficients[0])
    return Expansion(coefficients, point, start, errors, " ".join(notes))


def _finished(coefficient: Any) -> Any:
    coefficient = plain(coefficient)
    return coefficient + 0.0 if isinstance(coefficient, float) else coefficient  # no -0.0


def _check_sides(name: str, point: Any, sides: Sequence[Laurent], powers: range) -> None:
    """Raise unless the series right and left of the point are the same."""
    right, left = sides
    for k in powers:
        a, b = bare(right[k]), bare(left[k])
        slack = 8.0 * (right.error(k) + left.error(k)) + 1e-12 * min(abs(a), abs(b))
        if not abs(a - b) <= slack and not (a == b or (math.isnan(a) and math.isnan(b))):
            raise SeriesError(
                f"{name} has no Taylor series at {bare(point):.6g}: the two sides of the point "
                f"differ. The coefficient of power {k} is {a:.6g} to the right and {b:.6g} to "
                "the left.",
                "Expand about a point inside one branch; for the slope that the table hands out "
                "at a kink use ad.grad.",
            )


def _pole(name: str, s: Laurent, point: Any, notes: Sequence[str]) -> SeriesError:
    lead = bare(s.values[0])
    what = f"{name} has a pole of order {-s.low} at {bare(point):.6g}, with coefficient {lead:.6g}"
    if abs(lead) <= s.noise[0]:
        return SeriesError(
            f"{what}. That is no larger than its rounding error ({s.noise[0]:.1g}): the zero that "
            "should cancel seems to be smeared by rounding.",
            "Simplify the quotient, or expand about a point that the program hits exactly.",
        )
    return SeriesError(
        " ".join([f"{what}.", *notes]),
        "Expand about another point; ad.taylor(f, x, order, poles=True) gives the Laurent series.",
    )


def _rounding_notes(coefficients: Sequence[Any], errors: Sequence[float], start: int) -> list[str]:
    """Say from where on rounding may have taken more than half of the digits."""
    largest = 0.0
    for k, (c, error) in enumerate(zip(coefficients, errors, strict=True), start):
        largest = max(largest, abs(bare(c)))
        if not math.isfinite(bare(c)):
            return [f"The coefficient of power {k} is not finite."]
        if error > HALF * largest:
            return [f"Rounding may have spoiled the coefficients from power {k} on."]
    return []


def _value_notes(function: Callable[[Any], Any], point: Any, limit: Any) -> list[str]:
    """Compare with the value of the function where a branch is for the point alone."""
    try:
        with np.errstate(all="ignore"):
            value = bare(function(np.float64(bare(point))))
    except Exception:
        return []  # then it has no value there that could differ
    if math.isclose(value, bare(limit), rel_tol=1e-9, abs_tol=1e-12):
        return []
    return [f"At the point itself the function returns {value:.6g}; this is the series beside it."]


def _order(order: Any) -> int:
    try:
        number = -1 if isinstance(order, bool | np.bool_) else operator.index(order)
    except TypeError:
        number = -1
    if number < 0:
        raise ArgumentError(
            f"The order is {order!r}; it must be a whole number, 0 or more.",
            "ad.taylor(f, x, 3) gives the four coefficients c₀ to c₃.",
        )
    return number


def _point(x: Any) -> Any:
    point = promote(x)
    if shape_of(point):
        raise ArgumentError(
            f"The point is an array of shape {shape_of(point)}; a Taylor series is about a number.",
            "Expand along a line: ad.taylor(lambda t: f(x + t * v), 0.0, order) if f is built of "
            "single numbers.",
        )
    return point if hasattr(point, "interpretation") else float(point)
