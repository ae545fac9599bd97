"""Where a row is tested: points made from the domain that the row declares."""

from __future__ import annotations

import itertools
import math

import numpy as np

from tinyad.rules.elementwise import KINKED_ROWS, SMOOTH_ROWS
from tinyad.rules.rows import Elementwise

ROWS = SMOOTH_ROWS + KINKED_ROWS
Point = tuple[float, ...]


def inside(lower: float, upper: float) -> tuple[float, ...]:
    """Ordinary numbers of an open interval, neither tidy nor near its ends."""
    if math.isinf(lower):
        return (-2.7, -0.35, 0.6, 3.3)
    if math.isinf(upper):
        return tuple(lower + d for d in (0.37, 1.3, 4.2))
    return tuple(lower + (upper - lower) * part for part in (0.13, 0.41, 0.57, 0.83))


def ordinary(row: Elementwise) -> list[Point]:
    """Ordinary points of a row's domain, and their mirror images where the row has a value."""
    if row.name == "ldexp":
        return [(x, n) for x in (-2.7, 0.6) for n in (-3, 4)]  # its exponent is an integer
    points = list(itertools.product(*[inside(*interval) for interval in row.domain]))
    mirrored = [tuple(-c for c in point) for point in points]
    with np.errstate(all="ignore"):
        points += [p for p in mirrored if p not in points and np.isfinite(row.function(*p))]
    return [p for p in points if len(set(p)) == len(p)]  # no ties


def with_zero(row: Elementwise) -> list[Point]:
    """Points of a smooth row's domain with a coordinate 0, as far as the domain holds 0."""
    if row.name == "ldexp":
        return [(0.0, 4)]
    choices = [
        (0.0, 0.6) if lower < 0 < upper else (inside(lower, upper)[0],)
        for lower, upper in row.domain
    ]
    return [p for p in itertools.product(*choices) if 0.0 in p]


def arguments(row: Elementwise) -> range:
    """The positions of the arguments in which the row has a derivative."""
    return range(sum(partial is not None for partial in row.partials))


def orders(row: Elementwise, total: int) -> list[tuple[int, ...]]:
    """All ways to take `total` derivatives in the arguments: (2, 0), (1, 1) and (0, 2) for 2."""
    counts = itertools.product(range(total + 1), repeat=len(arguments(row)))
    rest = (0,) * (len(row.partials) - len(arguments(row)))
    return [count + rest for count in counts if sum(count) == total]
