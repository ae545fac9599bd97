"""Decisions on series: comparisons and steps, taken beside the point.

At the point itself x == 0 may hold, but for no other small t; and a series is about those. Where
both sides of the point decide alike, that is the decision. Where they differ, it is that of the
side at hand, and the program has to be run for the other side as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinyad.errors import SeriesError, learner_line
from tinyad.interpretation import Box
from tinyad.modes.taylor.series import Laurent, bare, combination

COMPARISONS = (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
STEPS = (
    *(np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix, np.signbit),
    *(np.logical_not, np.any, np.all, np.array_equal, np.array_equiv, np.count_nonzero),
    *(np.digitize, np.searchsorted),
)
LOGICAL = (np.logical_and, np.logical_or, np.logical_xor)
FINITE = (np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf)


class Sides:
    """Decide for positive t (side 1) or for negative t (side -1).

    `sided` says that a decision depended on the side, `beside` that the point itself would have
    gone another way, `unsure` that more coefficients are wanted.
    """

    def __init__(self, side: int) -> None:
        self.side = side
        self.sided = self.beside = self.unsure = False
        self.notes: dict[str, None] = {}

    def note(self, text: str) -> None:
        """Remember what the learner should know, with the line where it happened."""
        line = learner_line()
        self.notes[f"{text} ({line})." if line else f"{text}."] = None

    def compare(self, function: Any, x: Laurent, y: Laurent, at_point: Callable[[], Any]) -> Any:
        """Compare two series by the first power of t in which they differ."""
        d = combination([(1.0, x), (-1.0, y)])
        d.grow()
        first = next((k for k, c in enumerate(d.values, d.low) if bool(c != 0)), None)
        if first is None:
            if x.rule or y.rule:
                raise SeriesError("A slope meets a tie.", "Expand about another point.")
            self.unsure = self.unsure or x is not y
            return at_point()
        if first == 0:
            if abs(bare(d[0])) <= d.error(0) < math.inf:
                self.note("Rounding may have decided a comparison")
            return at_point()
        sign = 1.0 if d[first] > 0 else -1.0
        right, left = function(sign, 0.0), function(sign * (-1.0) ** first, 0.0)
        if d.error(0) and first > 0:
            self.note("A tie that was computed with rounding errors was taken as exact")
        return self._chosen(left, function(0.0, 0.0) if first > 0 else None, right)

    def sign(self, x: Laurent, at_point: Callable[[], Any]) -> Any:
        """The sign of a series: 1.0, 0.0 or -1.0."""
        if x.low == 0 or not x.values:
            return at_point()
        right = 1.0 if x.values[0] > 0 else -1.0
        return self._chosen(right * (-1.0) ** x.low, 0.0 if x.low > 0 else None, right)

    def step(self, step: Callable[[Any], Any], x: Laurent, at: Any) -> Any:
        """Run a step function of x, whose value at the point is `at`."""
        if x.low < 0:
            raise SeriesError(
                "A rounding of a value that is infinite at the point has no series.",
                "Expand about another point.",
            )
        margin, point = x.error(0), bare(x[0])
        if 0 < margin < math.inf and step(point - margin) != step(point + margin):
            self.note("Rounding may have decided a step")
        below, above = (float(step(np.nextafter(point, s * math.inf))) for s in (-1, 1))
        first = next((k for k in range(1, x.last + 1) if bool(x[k] != 0)), None)
        if first is None or below == bare(at) == above:
            return at
        right, left = (above, below) if x[first] > 0 else (below, above)
        here = self._chosen(left if first % 2 else right, bare(at), right)
        return here if isinstance(at, Box) else type(at)(here)

    def _chosen(self, left: Any, at: Any, right: Any) -> Any:
        here = right if self.side > 0 else left
        self.sided = self.sided or left != right
        self.beside = self.beside or (at is not None and here != at)
        return here
