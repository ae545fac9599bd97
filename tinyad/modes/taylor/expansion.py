"""What Taylor mode hands out: the coefficients, checked, with what else is known of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import name_of, plain
from tinyad.errors import SeriesError
from tinyad.modes.taylor.coefficient import Coefficient, bare
from tinyad.modes.taylor.series import SMEARED, Series, no_series

HALF = 2.0**-26  # half of the digits of a float


class Expansion(list[Any]):
    """The coefficients of a power series, a list, with what else is known of it.

    The first one belongs to the power `start` of (x - point): 0, or below 0 at a pole. `rounding`
    holds the estimated rounding error of each coefficient; `note` says what should be known about
    them, and is empty if nothing is. Called with x, it gives the sum of the series at x.
    """

    def __init__(self, terms: Sequence[Coefficient], point: Any, start: int, note: str) -> None:
        super().__init__(plain(c.value) + 0.0 for c in terms)  # no -0.0
        self.point, self.start, self.note = point, start, note
        self.rounding = tuple(c.error for c in terms)

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
        lead = super().__repr__() + (f" from power {self.start} on" if self.start else "")
        return f"{lead}\nNote: {self.note}" if self.note else lead


def check_sides(name: str, point: Any, right: Series, left: Series, powers: range) -> None:
    """Raise unless the series right and left of the point are the same."""
    for k in powers:
        a, b = right[k].number, left[k].number
        slack = 8.0 * (right[k].error + left[k].error) + 1e-12 * min(abs(a), abs(b))
        if not abs(a - b) <= slack and not (a == b or (math.isnan(a) and math.isnan(b))):
            raise no_series(
                f"{name} has no Taylor series at {bare(point):.6g}: the two sides of the point "
                f"differ. The coefficient of power {k} is {a:.6g} to the right and {b:.6g} to "
                "the left.",
                "Expand about a point inside one branch; for the slope that the table hands out "
                "at a kink use ad.grad.",
            )


def pole(name: str, s: Series, point: Any, notes: Sequence[str]) -> SeriesError:
    """Make the error for a function with a pole at the point."""
    lead = s[s.valuation]
    what = f"{name} has a pole of order {-s.valuation} at {bare(point):.6g}, with coefficient "
    what += f"{lead.number:.6g}."
    if abs(lead.number) <= lead.error:
        what += f" That is no larger than its rounding error ({lead.error:.1g}): the zero that "
        return no_series(f"{what}should cancel seems to be smeared by rounding.", SMEARED)
    return no_series(
        " ".join([what, *notes]),
        "Expand about another point; ad.taylor(f, x, order, poles=True) gives the Laurent series.",
    )


def rounding_notes(terms: Sequence[Coefficient], start: int) -> list[str]:
    """Say from where on rounding may have taken more than half of the digits."""
    largest = 0.0
    for k, c in enumerate(terms, start):
        largest = max(largest, abs(c.number))
        if not math.isfinite(c.number):
            return [f"The coefficient of power {k} is not finite."]
        if c.error > HALF * largest:
            return [f"Rounding may have spoiled the coefficients from power {k} on."]
    return []


def value_notes(function: Callable[[Any], Any], point: Any, limit: float) -> list[str]:
    """Compare with the value of the function where a branch is for the point alone."""
    try:
        with np.errstate(all="ignore"):
            value = bare(function(np.float64(bare(point))))
    except Exception:
        return []  # then it has no value there that could differ
    if math.isclose(value, limit, rel_tol=1e-9, abs_tol=1e-12):
        return []
    return [f"At the point itself the function returns {value:.6g}; this is the series beside it."]


def too_few(function: Callable[[Any], Any], s: Series) -> SeriesError:
    """Make the error for a series that loses more orders than are carried."""
    return no_series(
        f"Of {name_of(function)} only the coefficients below power {s.end} could be found: "
        "too many leading zeros cancel.",
        "Simplify the quotients by hand.",
    )
