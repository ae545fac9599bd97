"""A series as a box, and what a program may ask of it besides arithmetic: decisions.

At the point itself x == 0 may hold, but for no other small t; and a series is about those. Where
both sides of the point decide alike, that is the decision. Where they differ, it is that of the
side at hand, and the program has to be run for the other side as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import promote
from tinyad.arraylike import ArrayBox
from tinyad.errors import SeriesError, learner_line
from tinyad.interpretation import Box, Interpretation, apply
from tinyad.modes.taylor.coefficient import bare, opened
from tinyad.modes.taylor.series import Series, combination, constant, no_series
from tinyad.rules import TABLE
from tinyad.rules.primitives import shape_of, stop
from tinyad.rules.rows import NO_OPTIONS, Constant, Options

COMPARISONS = (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
LOGICAL = (np.logical_and, np.logical_or, np.logical_xor)
NOT_EQUAL: Any = TABLE[np.not_equal]


class Jet(ArrayBox):
    """A number that is a series in t; or one that has none, and says so when it is used."""

    __slots__ = ("known",)

    def __init__(self, known: Series | SeriesError, owner: Interpretation) -> None:
        self.known = known
        self.interpretation = owner

    @property
    def series(self) -> Series:
        """The series; raises what went wrong before, if there is none."""
        if isinstance(self.known, SeriesError):
            raise self.known
        return self.known

    @property
    def value(self) -> Any:
        """The value at the point: the constant term, or infinity."""
        if isinstance(self.known, SeriesError):
            return math.nan
        lead = self.known[self.known.valuation].number
        return math.copysign(math.inf, lead) if self.known.valuation < 0 else self.known[0].value


class Deciding(Interpretation):
    """Decide for positive t (side 1) or for negative t (side -1).

    `sided` says that a decision depended on the side, `beside` that the point itself would have
    gone another way, `unsure` that more coefficients are wanted.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        self.sided = self.beside = self.unsure = False
        self.notes: dict[str, None] = {}

    def note(self, text: str) -> None:
        """Remember what the learner should know, with the line where it happened."""
        line = learner_line()
        self.notes[f"{text} ({line})." if line else f"{text}."] = None

    def series_of(self, operand: Any) -> Series:
        """The series of a jet; that of a plain number is known to all orders."""
        if self.owns(operand):
            known: Series = operand.series
            return known
        number = float(operand) if isinstance(operand, bool | np.bool_) else promote(operand)
        return constant(number if isinstance(number, Box) else float(number))

    def constant(self, row: Constant, operands: Sequence[Any], options: Options) -> Any:
        """Decide beside the point; where that is no question, take the constant term."""
        with np.errstate(all="ignore"):
            at = apply(row, self.primals(operands), options)
        function: Any = row.function
        if row.static or function is stop or shape_of(at):
            return at
        if function in LOGICAL:
            return function(*[self.truth(o) for o in operands])
        if function in COMPARISONS:
            x, y = (self.series_of(o) for o in operands)
            gap = constant(0.0) if x is y else combination([(1.0, x), (-1.0, y)])
            gap.grow()
            gap.rule = gap.rule if x.rule or y.rule else None
            return self.decide(lambda v: function(v, 0.0), gap, at)
        if function is np.floor_divide:
            whole = self.whole_part(np.floor, *operands)
            return at if bare(np.remainder(*self.primals(operands))) else whole
        own = [k for k, o in enumerate(operands) if self.owns(o)]
        if len(own) > 1:
            return at
        before, after = operands[: own[0]], operands[own[0] + 1 :]
        x = operands[own[0]].series
        return self.decide(lambda v: row.value([*before, v, *after], options), x, at)

    def whole_part(self, step: Any, x: Any, y: Any) -> Any:
        """Round a quotient whose constant term is a whole number."""
        s = self.series_of(x / y)
        return self.decide(step, s, step(s[0].number))

    def decide(self, function: Callable[[float], Any], x: Series, at: Any) -> Any:
        """Return a step function of x beside the point; `at` is what it is at the point.

        All decisions are of this kind: x > y is a step of x - y at 0.
        """
        pole, point = x.valuation < 0, x[0].number
        if pole:
            middle, below, above = opened(at), _far(function, -1), _far(function, 1)
        else:
            below, middle, above = _around(function, point, 0.0)
            tie = not (below == middle == above or math.isnan(point))
            bool(x[0].value == (point if tie else 0.0))  # whoever records makes a note
            if 0 < x[0].error < math.inf and len({*_around(function, point, x[0].error)}) > 1:
                self.note("Rounding may have decided a comparison or a step")
            if not tie:
                return at
        powers = range(x.low if pole else 1, x.last + 1)
        first = next((k for k in powers if bool(x[k].value != 0)), None)
        if first is None:
            if x.rule:
                raise no_series("A slope meets a tie.")
            self.unsure = self.unsure or not x.exact
            return at
        right, left = (above, below) if bool(x[first].value > 0) else (below, above)
        left = left if first % 2 else right
        here = right if self.side > 0 else left
        self.sided = self.sided or left != right
        self.beside = self.beside or here != middle
        return here

    def decided(self, box: Box, kind: str) -> Any:
        """Decide an `if` beside the point too."""
        return self.truth(box) if kind == "bool" else super().decided(box, kind)

    def truth(self, condition: Any) -> bool:
        """Is this true beside the point?"""
        if self.owns(condition):
            condition = self.constant(NOT_EQUAL, (condition, 0.0), NO_OPTIONS)
        return bool(condition)


def _around(function: Callable[[float], Any], point: float, error: float) -> list[Any]:
    """A step function just below a point with an error, at it, and just above."""
    below = float(np.nextafter(point - error, -math.inf))
    above = float(np.nextafter(point + error, math.inf))
    zero = [0.0] if 0 < abs(point) <= error else []  # where comparisons step
    return [opened(function(p)) for p in (below, point, above, *zero)]


def _far(function: Callable[[float], Any], sign: int) -> Any:
    """What a step function settles on for large numbers."""
    value = opened(function(sign * 1e300))
    if value != opened(function(sign * 1e308)):
        raise no_series("A rounding of a value that is infinite at the point has no series.")
    return value
