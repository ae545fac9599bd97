"""Slopes from values alone, each with an estimate of its own error.

A difference quotient is good for a middle range of steps only. So a whole ladder of steps is
tried, extrapolated, and the rung taken whose neighbors agree best. The Taylor remainder
f(x + hd) - f(x) - h s falls like h² if s is the slope, and like h if it is not, whatever h is;
it says nothing of sizes, but cannot be misled by a bad step.

Source: Ridders, Adv. Eng. Software 4, 1982; Giles and Pierce, Flow, Turbulence and Combustion 65,
2000, for remainders as a test of gradients.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

FACTOR = 4.0  # between the rungs of a ladder


@dataclass
class Line:
    """A function along one line, f(x + h d), and the values it has had.

    `move` takes a step to the step that rounding left of it, and the value there. `scale` is the
    size of x; `u` its relative rounding error.
    """

    move: Callable[[float], tuple[float, float]]
    scale: float
    u: float
    seen: dict[float, tuple[float, float]] = field(default_factory=dict)

    def at(self, step: float) -> tuple[float, float]:
        """The true step and the value."""
        if step not in self.seen:
            self.seen[step] = self.move(step)
        return self.seen[step]

    def quotient(self, ahead: float, behind: float) -> float:
        """The difference quotient between two steps; NaN if they are one point."""
        (a, fa), (b, fb) = self.at(ahead), self.at(behind)
        return (fa - fb) / (a - b) if a != b else math.nan

    @property
    def size(self) -> float:
        """What slope to expect of a function of these values that varies over |x|."""
        largest = self.ladders()[-1][0]
        near = [abs(self.at(h)[1]) for h in (0.0, largest, -largest)]
        return max(v for v in near if math.isfinite(v)) / (self.scale or 1.0)

    def ladders(self) -> list[list[float]]:
        """Steps from an eighth down: of 1, and of |x| where that is another matter."""
        rungs = round(math.log(self.u**-0.75, FACTOR))
        powers = [2.0 ** -(3 + 2 * k) for k in range(rungs)]
        scale = 2.0 ** math.floor(math.log2(self.scale)) if self.scale else 1.0
        sizes = [scale] if 1e-3 < scale < 1e3 else [1.0, scale]
        return [[size * p for p in powers] for size in sizes]


@dataclass(frozen=True)
class Estimate:
    """A slope, and about how far off it may be."""

    value: float = math.nan
    error: float = math.inf

    def sound(self, size: float) -> bool:
        """Is the error small beside the value, or beside a slope of this size?"""
        return 10 * self.error <= 1e-3 * max(abs(self.value), size)


def central(line: Line) -> Estimate:
    """The slope from both sides."""
    return _best(line, lambda h: line.quotient(h, -h), FACTOR**2)


def one_sided(line: Line, side: float) -> Estimate:
    """The slope on the right (side 1) or on the left (side -1) alone."""
    return _best(line, lambda h: line.quotient(side * h, 0.0), FACTOR)


def jumps(line: Line) -> bool:
    """Does the function jump at this very point? Then its change outlives the step."""
    rungs = line.ladders()[-1]
    small, larger = rungs[-1], rungs[-5]
    here = line.at(0.0)[1]
    floor = 1e4 * line.u * abs(here)
    changes = [(abs(line.at(s * h)[1] - here) for h in (small, larger)) for s in (1, -1)]
    return any(a > max(0.5 * b, floor) for a, b in changes)


def _best(line: Line, quotient: Callable[[float], float], gain: float) -> Estimate:
    """Extrapolate up the ladders and take the rung where three neighbors agree best."""
    best = Estimate()
    for steps in line.ladders():
        raw = [quotient(h) for h in steps]
        better = [(gain * b - a) / (gain - 1) for a, b in itertools.pairwise(raw)]
        for k in range(1, len(better) - 1):
            spread = max(abs(better[k] - better[k - 1]), abs(better[k] - better[k + 1]))
            size = max(abs(line.at(h)[1]) for h in (0.0, steps[k]))
            error = spread + 4 * line.u * size / steps[k + 1]
            if error < best.error:
                best = Estimate(better[k], error)
    return best


def remainder_slope(line: Line, slope: float) -> float | None:
    """Return the power of h with which the Taylor remainder falls; None if it is all round-off.

    >>> square = Line(lambda h: (h, (3 + h) ** 2), 3.0, 2.0**-53)
    >>> f"{remainder_slope(square, 6.0):.2f} {remainder_slope(square, 6.01):.2f}"
    '2.00 1.00'
    """
    here = line.at(0.0)[1]
    steps = [2.0**-k for k in range(3, round(-math.log2(line.u)))]
    points = []
    for h in steps:
        step, value = line.at(h)
        bound = line.u * (abs(here) + abs(value) + abs(step * slope))
        points.append((step, abs(value - here - step * slope), bound))
    points = [p for p in points if all(map(math.isfinite, p)) and p[0]]
    noise = 3 * max((p[1] for p in points[-4:]), default=0.0)
    clear = [(h, r) for h, r, bound in points if r > 30 * max(noise, bound)][-5:]
    return _power(clear) if len(clear) >= 3 else None


def _power(points: Sequence[tuple[float, float]]) -> float:
    """The slope of a straight line through the logarithms."""
    x, y = ([math.log2(p[k]) for p in points] for k in (0, 1))
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum(
        (a - mx) ** 2 for a in x
    )
