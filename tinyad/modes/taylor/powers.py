"""Powers of series, and where a power that is no whole number has a series at all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.errors import SeriesError
from tinyad.interpretation import Box
from tinyad.modes.taylor.series import ROUNDING, Laurent, Sum, Term, UnknownZeroError, bare
from tinyad.rules.attached import Attached
from tinyad.rules.rows import Row

ROOTS = {np.sqrt: Fraction(1, 2), np.cbrt: Fraction(1, 3)}


def label(row: Row) -> str:
    """What messages call a function: NumPy's name, or the learner's."""
    return row.name if isinstance(row, Attached) else f"np.{row.name}"


def singular(row: Row, point: list[float], why: str) -> SeriesError:
    """Make the error for a function without a series at a point."""
    place = ", ".join(f"{c:.6g}" for c in point)
    return SeriesError(
        f"{label(row)} has no series at {place}: {why}.",
        "Expand about a point where the function is smooth.",
    )


def root(row: Row, x: Laurent, exponent: Any, side: int) -> tuple[Laurent, bool]:
    """Return x**exponent, and whether it depends on the side of the point.

    With x = tᵐ·u the power of t must be whole again, and even roots want m to be even: then the
    root is that of |t|ᵐ, and odd powers of |t| change sign with t.
    """
    if not x.values:
        raise UnknownZeroError(
            f"np.{row.name} meets a value that is zero as far as it is known, below order {x.end}.",
            "Simplify by hand.",
        )
    lead, odd = x.values[0], row.function is np.cbrt
    varies = isinstance(exponent, Box)
    low = Fraction(0) if not x.low or varies else x.low * Fraction(exponent)
    if (
        low.denominator > 1
        or (x.low and varies)
        or not (odd or (x.low % 2 == 0 and bare(lead) > 0))
    ):
        place = bare(lead) if x.low == 0 else 0.0 if x.low > 0 else np.inf
        raise singular(row, [place], "a branch point, or no real value beside it")
    with np.errstate(all="ignore"):
        head = row.value((lead,) if row.function in ROOTS else (lead, exponent))
    if not np.isfinite(bare(head)):
        raise singular(row, [bare(lead)], f"its value there is {bare(head)}")
    sided = bool(low % 2) and not odd
    if sided:
        head = head * side
    exponent = float(exponent) if isinstance(exponent, Fraction) else exponent
    error = ROUNDING + abs(bare(exponent)) * x.noise[0] / abs(bare(lead))
    return power(x, exponent, int(low), (head, abs(bare(head)) * error)), sided


def whole_power(x: Any, n: int) -> Any:
    """Return xⁿ for n = 1, 2 … by products: exact where they are, whatever x is."""
    answer = x
    for digit in bin(n)[3:]:
        answer = answer * answer
        answer = answer * x if digit == "1" else answer
    return answer


def power(x: Laurent, exponent: Any, low: int, head: Term) -> Laurent:
    """Return x**exponent; its lowest power and its first coefficient are given.

    From z = u**r follows u z′ = r u′ z, and from that a recurrence for the coefficients.
    """
    lead = x.values[0]

    def rule(place: int) -> Term | None:
        n = place - low
        if not n + x.low < x.end:
            return None
        if n == 0:
            return head
        total = Sum()
        for k in range(1, n + 1):
            weight, (c, noise) = exponent * k - (n - k), (x[x.low + k], x.error(x.low + k))
            total.add((weight * c, abs(bare(weight)) * noise), (z[place - k], z.error(place - k)))
        value, noise = total.term()
        answer, size = value / (n * lead), n * abs(bare(lead))
        return answer, noise / size + abs(bare(answer)) * (ROUNDING + n * x.noise[0] / size)

    z = Laurent(low, rule)
    z.doubtful = x.dropped > 0
    return z
